"""A Debian for 64-bit ARM in a folder, with Python and wheels: peers run in it, in qemu.

Needs no root, container or kernel support: qemu looks for each file below the folder before it uses
this machine's. The folder therefore also defines the processor: peers choose kernels by
/proc/cpuinfo (LiteRT chooses others for a Cortex-A53 than for an A72), and crash on that of an x86
machine. The folder represents one core at a time: call `become` before a run.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from arm.counts import run
from edgebin.errors import EdgebinError

_RELEASE, _PYTHON = "bookworm", "3.11"
_WHEELS = Path(__file__).resolve().parents[2] / "wheels"
_PLATFORMS = (
    "manylinux2014",
    "manylinux_2_17",
    "manylinux_2_24",
    "manylinux_2_27",
    "manylinux_2_28",
)
_ARM_LIMITED = 0x41


@dataclass(frozen=True, slots=True)
class Identity:
    """What a processor says of itself, as the Linux of the boards with it prints it.

    Args:
        part, variant, revision: of its MIDR register.
        features: of its instructions.
    """

    part: int
    variant: int
    revision: int
    features: str


_V80 = "fp asimd evtstrm crc32 cpuid"
_V82 = f"{_V80} atomics fphp asimdhp asimdrdm lrcpc dcpop asimddp"

IDENTITIES: Mapping[str, Identity] = MappingProxyType(
    {
        "cortex-a53": Identity(0xD03, 0, 4, _V80),
        "cortex-a72": Identity(0xD08, 0, 3, _V80),
        "cortex-a76": Identity(0xD0B, 4, 1, _V82),
    }
)


def unpack(folder: Path) -> Path:
    """Return a folder with Debian's Python of 64-bit ARM, fetched unless it is there.

    Args:
        folder: holds it, as "system".

    Raises:
        EdgebinError: apt-get or dpkg-deb is missing or fails.
    """
    sys.path.append(str(_WHEELS))  # scripts too, and no package
    from command import WheelError
    from debian import unpack as unpack_packages

    try:
        return unpack_packages(
            (f"python{_PYTHON}", "libstdc++6"),
            release=_RELEASE,
            architecture="arm64",
            folder=folder.resolve() / "system",  # apt takes other paths from the root
            log=folder / "system.log",
        )
    except WheelError as error:
        raise EdgebinError(str(error)) from error


def install(system: Path, requirements: Sequence[str]) -> Path:
    """Return a folder with wheels for the system, fetched unless it is there.

    Args:
        system: as `unpack` returned it; the folder lies beside it.
        requirements: name==version of each wheel; what they depend on is not fetched.

    Raises:
        EdgebinError: there is no such wheel.
    """
    site = system.parent / "+".join(requirements)
    if site.exists():
        return site
    platforms = [word for name in _PLATFORMS for word in ("--platform", f"{name}_aarch64")]
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--only-binary=:all:"]
    with TemporaryDirectory(prefix=".", dir=system.parent) as place:
        made = Path(place) / "site"
        where = ["--python-version", _PYTHON, "--target", str(made)]
        run([*pip, *platforms, *where, *requirements])
        made.rename(site)
    return site


def become(system: Path, core: str) -> None:
    """Let the system's processor be one core.

    Args:
        system: as `unpack` returned it.
        core: a key of IDENTITIES.
    """
    cpus = system / "sys/devices/system/cpu"
    cpus.mkdir(parents=True, exist_ok=True)
    for name in ("possible", "present", "online"):
        (cpus / name).write_text("0\n")
    (system / "proc").mkdir(exist_ok=True)
    (system / "proc/cpuinfo").write_text(cpuinfo(IDENTITIES[core]))


def cpuinfo(identity: Identity) -> str:
    """The text of /proc/cpuinfo."""
    facts = {
        "processor": "0",
        "BogoMIPS": "108.00",
        "Features": identity.features,
        "CPU implementer": f"{_ARM_LIMITED:#04x}",
        "CPU architecture": "8",
        "CPU variant": f"{identity.variant:#x}",
        "CPU part": f"{identity.part:#05x}",
        "CPU revision": str(identity.revision),
    }
    return "".join(f"{name}\t: {value}\n" for name, value in facts.items()) + "\n"


def options(system: Path, paths: Sequence[Path]) -> list[str]:
    """What qemu is told, so that the system's `python` finds modules in these folders.

    Raises:
        EdgebinError: qemu cannot be told such a path.
    """
    found = ":".join(str(path.resolve()) for path in paths)
    if "," in found:
        raise EdgebinError(f"{found}: expected paths without commas, at which qemu parts them")
    variables = {
        "PYTHONPATH": found,
        "PYTHONHASHSEED": "0",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
    told = [word for name, value in variables.items() for word in ("-E", f"{name}={value}")]
    return ["-L", str(system.resolve()), *told]


def python(system: Path) -> str:
    """The interpreter."""
    return str(system / f"usr/bin/python{_PYTHON}")
