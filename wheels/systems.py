"""The systems that wheels are tried on: this machine, or another's Debian in an emulator.

Each gives a Python to start and what a board's user gets beside the wheel: numpy and Pillow, from
PyPI where it has them for the machine, else Debian's.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import debian
import pythons
from command import WheelError, run
from machines import Machine

TESTERS = ("hypothesis", "pytest", "pytest-timeout")
_COMMAND_LINE = ("rich", "typer>=0.27.1,<0.29")


@dataclass(frozen=True, slots=True)
class Debian:
    """Debian's packages for a machine and a version of Python.

    Args:
        release: that has this Python.
        numeric: packages of numpy and Pillow where PyPI has no wheels of them.
        images: whether Pillow is one that edgebin takes (10.1 or newer).
    """

    release: str
    numeric: tuple[str, ...] = ()
    images: bool = True


EMULATED = {
    ("aarch64", "3.11"): Debian("bookworm"),
    ("aarch64", "3.13"): Debian("trixie"),
    ("armv7l", "3.11"): Debian("bookworm", numeric=("python3-numpy", "python3-pil"), images=False),
    ("armv7l", "3.13"): Debian("trixie", numeric=("python3-numpy", "python3-pil")),
}


@dataclass(frozen=True, slots=True)
class System:
    """Where a wheel and the tests' tools are installed.

    Args:
        name: core or machine, for the reader.
        python: the words that start the interpreter.
        packages: folder that PYTHONPATH is to name; None where the interpreter knows it.
        images: whether there is a Pillow to open images with.
    """

    name: str
    python: tuple[str, ...]
    packages: Path | None
    images: bool

    @property
    def environment(self) -> dict[str, str]:
        """Variables that the interpreter needs."""
        return {} if self.packages is None else {"PYTHONPATH": str(self.packages)}


def native(wheel: Path, machine: Machine, version: str, folder: Path, log: Path) -> list[System]:
    """Install the wheel into a fresh environment of this machine.

    Raises:
        WheelError: there is no such Python here, or pip refuses the wheel.
    """
    found = pythons.find(version)
    if found is None:
        raise WheelError(f"Python {version}: expected an interpreter with Python.h, found none")
    run([found.executable, "-m", "venv", "--clear", folder], log=log)
    python = folder / "bin/python"
    run([python, "-m", "pip", "install", "-q", wheel, *TESTERS], log=log)
    return [System(machine.name, (str(python),), None, True)]


def emulated(
    wheel: Path, machine: Machine, version: str, cores: tuple[str, ...], folder: Path, log: Path
) -> list[System]:
    """Install the wheel beside a Debian tree; one system for each core to imitate.

    Machine and version are among those of `EMULATED`.

    Raises:
        WheelError: a package cannot be had, or pip refuses the wheel.
    """
    system = EMULATED[machine.name, version]
    tree = debian.unpack(
        (f"python{version}", "libstdc++6", *system.numeric),
        release=system.release,
        architecture=machine.debian,
        folder=folder / f"{system.release}-{machine.debian}",
        log=log,
    )
    packages = folder / f"{machine.name}-{version}"
    _install(wheel, machine, version, packages, system, log)
    libraries = tree / "usr/lib" / machine.triple
    search = ":".join(str(libraries / part) for part in ("blas", "lapack"))
    emulator = (machine.emulator, "-L", str(tree), "-E", f"LD_LIBRARY_PATH={search}")
    interpreter = str(tree / f"usr/bin/python{version}")
    return [
        System(core, (*emulator, "-cpu", core, interpreter), packages, system.images)
        for core in cores
    ]


def _install(
    wheel: Path, machine: Machine, version: str, packages: Path, system: Debian, log: Path
) -> None:
    """Have this machine's pip choose and unpack what the other's would.

    pip holds the wheel's tag against the tags that it is given, and finds what the wheel needs.
    """
    platforms = (*machine.platforms, *(f"manylinux_2_{n}_{machine.name}" for n in (27, 28)))
    words = [sys.executable, "-m", "pip", "install", "-q", "--upgrade", "--target", str(packages)]
    words += [f"--platform={platform}" for platform in platforms]
    words += [f"--python-version={version}", "--implementation=cp", "--only-binary=:all:"]
    if system.numeric:
        run([*words, "--no-deps", wheel], log=log)
        run([*words, *TESTERS, *_COMMAND_LINE], log=log)
    else:
        run([*words, wheel, *TESTERS], log=log)
