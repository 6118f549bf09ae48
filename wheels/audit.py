"""Checks that a wheel needs no more from its system than its tag says, and that it is hardened.

auditwheel reads which libraries and symbol versions its modules need. The rule here is stricter
than that of manylinux: glibc, of the version in the tag or older, and no other library.
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from command import WheelError, run
from hardening import weaknesses
from machines import GLIBC, Machine

CONTENTS = (
    "edgebin/__init__.py",
    "edgebin/_core.pyi",
    "edgebin/models/cifar10-resnet20.ebn",
    "edgebin/models/cifar10-vgg-small.ebn",
    "edgebin/models/imagenette160-resnet18.ebn",
    "edgebin/py.typed",
)
_GLIBC_LIBRARY = re.compile(r"(lib(c|m|dl|rt|pthread)|ld-linux[a-z0-9-]*)\.so\.\d+")


@dataclass(frozen=True, slots=True)
class Needs:
    """What a wheel needs from its system.

    Args:
        tag: the oldest platform tag that auditwheel would give it.
        glibc: the newest version that its symbols name.
        libraries: shared libraries whose versioned symbols are used, or that are not of glibc.
    """

    tag: str
    glibc: tuple[int, int]
    libraries: tuple[str, ...]


def needs_of(wheel: Path, log: Path) -> Needs:
    """Return what a wheel needs.

    Raises:
        WheelError: auditwheel fails.
    """
    output = run([sys.executable, "-m", "auditwheel", "show", "--json", wheel], log=log)
    report = json.loads(output)
    symbols: dict[str, list[str]] = report["versioned_symbols"]
    return Needs(
        tag=report["overall_tag"],
        glibc=_newest(version for versions in symbols.values() for version in versions),
        libraries=tuple(sorted({*symbols, *report["external_libs"]})),
    )


def check(wheel: Path, machine: Machine, log: Path) -> Needs:
    """Check a wheel against its tag; return what it needs.

    Raises:
        WheelError: it needs a newer glibc, another library or processor, a file is missing, or a
            module lacks a protection.
    """
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    suffixes = (*CONTENTS, "/LICENSE", f"-{machine.triple}.so")
    missing = [end for end in suffixes if not any(name.endswith(end) for name in names)]
    if missing:
        raise WheelError(f"{wheel.name}: expected to hold {missing[0]}, found none")
    for weakness in weaknesses(wheel):
        raise WheelError(f"{wheel.name}: expected to be hardened, found that {weakness}")
    needs = needs_of(wheel, log)
    for library in needs.libraries:
        if not _GLIBC_LIBRARY.fullmatch(library):
            raise WheelError(f"{wheel.name}: expected to need only glibc, found {library}")
    allowed = f"glibc {GLIBC[0]}.{GLIBC[1]}"
    if needs.glibc > GLIBC:
        found = ".".join(map(str, needs.glibc))
        raise WheelError(f"{wheel.name}: expected to need at most {allowed}, found {found}")
    tag = re.fullmatch(rf"manylinux_(\d+)_(\d+)_{machine.name}", needs.tag)
    if tag is None or (int(tag[1]), int(tag[2])) > GLIBC:
        expected = f"expected the tag {machine.platforms[0]} or an older one"
        raise WheelError(f"{wheel.name}: {expected}, found {needs.tag}")
    return needs


def _newest(names: Iterable[str]) -> tuple[int, int]:
    """Return the largest of versions like GLIBC_2.17; names of other forms are not of glibc."""
    found = (re.match(r"GLIBC_(\d+)\.(\d+)", name) for name in names)
    return max(((int(match[1]), int(match[2])) for match in found if match), default=(0, 0))
