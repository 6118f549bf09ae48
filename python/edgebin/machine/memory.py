"""Memory of the machine and of this process, from /proc."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgebin.machine.files import entries, whole


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of a machine, in bytes.

    Args:
        total: what the kernel can use.
        available: what a new program could take without swapping.
        swap_total: size of all swap.
        swap_free: what of it is not in use.
    """

    total: int | None
    available: int | None
    swap_total: int | None
    swap_free: int | None


def memory(root: Path) -> Memory:
    """Return the memory that the files under `root` describe."""
    path = root / "proc/meminfo"
    return Memory(
        total=_kilobytes(path, "MemTotal"),
        available=_kilobytes(path, "MemAvailable"),
        swap_total=_kilobytes(path, "SwapTotal"),
        swap_free=_kilobytes(path, "SwapFree"),
    )


def peak_memory(root: Path = Path("/")) -> int | None:
    """Return the peak resident memory of this process in bytes.

    From /proc: unlike getrusage's figure, a new process does not inherit that of its parent.
    """
    return _kilobytes(root / "proc/self/status", "VmHWM")


def _kilobytes(path: Path, key: str) -> int | None:
    """Return in bytes the entry `key` of a file, which has it in units of 1024 bytes."""
    for name, value in entries(path):
        if name == key:
            count = whole(value.removesuffix("kB").strip())
            return None if count is None or count < 0 else 1024 * count
    return None
