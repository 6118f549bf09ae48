"""The processor's cores: how many, of which types, with which vector instructions.

The Arm ID register of each core comes from /sys, or else from /proc/cpuinfo; for x86 the latter has
names. These are the features that the system lists; which of them edgebin uses, the C++ core
decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgebin.machine.core_names import core_name, has_64_bits
from edgebin.machine.files import core_list, entries, line, number

_CPUS = "sys/devices/system/cpu"
_UNKNOWN = "unknown"
# As /proc/cpuinfo has them.
_VECTORS = (
    *("neon", "asimd", "asimddp", "asimdhp", "i8mm", "sve", "sve2"),
    *("ssse3", "avx2", "avx_vnni", "avx512f", "avx512bw", "avx512vbmi", "avx512_vnni"),
    *("avx512_vpopcntdq", "gfni", "amx_tile", "amx_int8"),
)


@dataclass(frozen=True, slots=True)
class CoreType:
    """Cores of one kind.

    Args:
        name: such as "Cortex-A72"; "unknown" where the system does not tell.
        cores: their numbers.
        capacity: how much a core can do, 1024 for the fastest of this machine.
        has_64_bits: whether they can run 64-bit code.
    """

    name: str
    cores: tuple[int, ...]
    capacity: int | None
    has_64_bits: bool | None


@dataclass(frozen=True, slots=True)
class Cores:
    """All cores.

    Args:
        types: of those that are switched on, by number of the first core.
        present: how many the machine has.
        online: how many are switched on.
        vectors: vector instructions that /proc/cpuinfo lists for the first core, such as "asimd",
            of those that kernels for such networks may use; None where it lists nothing.
    """

    types: tuple[CoreType, ...]
    present: int | None
    online: int | None
    vectors: tuple[str, ...] | None


def cores(root: Path) -> Cores:
    """Return the cores that the files under `root` describe."""
    listed = _cpuinfo(root)
    online = core_list(line(root / _CPUS / "online")) or tuple(sorted(listed))
    kinds: dict[tuple[str, bool | None, int | None], list[int]] = {}
    for core in online:
        name, wide = _identity(root, core, listed.get(core, {}))
        capacity = number(root / f"{_CPUS}/cpu{core}/cpu_capacity")
        kinds.setdefault((name, wide, capacity), []).append(core)
    first = listed.get(online[0], {}) if online else {}
    features = (first.get("Features") or first.get("flags") or "").split()
    return Cores(
        types=tuple(
            CoreType(name, tuple(numbers), capacity, wide)
            for (name, wide, capacity), numbers in kinds.items()
        ),
        present=len(core_list(line(root / _CPUS / "present"))) or None,
        online=len(online) or None,
        vectors=tuple(name for name in _VECTORS if name in features) if features else None,
    )


def _cpuinfo(root: Path) -> dict[int, dict[str, str]]:
    """Return the fields of each processor by its number."""
    found: dict[int, dict[str, str]] = {}
    fields: dict[str, str] = {}
    for key, value in entries(root / "proc/cpuinfo"):
        if key == "processor" and value.isdecimal() and len(value) < 6:
            fields = found.setdefault(int(value), {})
        elif key in ("Hardware", "Serial", "Model"):
            fields = {}  # Arm's last block, which is about no processor
        else:
            fields.setdefault(key, value)
    return found


def _identity(root: Path, core: int, fields: dict[str, str]) -> tuple[str, bool | None]:
    """Return the name of a core, and whether it can run 64-bit code."""
    register = _hexadecimal(line(root / f"{_CPUS}/cpu{core}/regs/identification/midr_el1"))
    if register is None:
        implementer = _hexadecimal(fields.get("CPU implementer"))
        part = _hexadecimal(fields.get("CPU part"))
    else:
        implementer, part = register >> 24 & 0xFF, register >> 4 & 0xFFF
    if implementer is not None and part is not None:
        return core_name(implementer, part), has_64_bits(implementer, part)
    flags = fields.get("flags", "").split()
    return fields.get("model name") or _UNKNOWN, ("lm" in flags) if flags else None


def _hexadecimal(found: str | None) -> int | None:
    digits = (found or "").removeprefix("0x")
    if not 0 < len(digits) <= 16 or any(c not in "0123456789abcdefABCDEF" for c in digits):
        return None
    return int(digits, 16)
