"""What a measurement must say about the machine it was made on.

Read from /proc and /sys where they exist; what a machine does not tell is None, never guessed.
"""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine at one moment.

    Args:
        cpu: model of the processor or board.
        architecture: as `uname -m` says.
        cores: cores that this process may use.
        governor: of the first core's clock, such as "performance".
        clock_mhz: of the first core, now.
        temperature_c: of the first thermal zone, now.
        throttled: whether a Raspberry Pi's firmware says that heat or weak supply slow it now.
    """

    cpu: str | None
    architecture: str
    cores: int
    governor: str | None
    clock_mhz: float | None
    temperature_c: float | None
    throttled: bool | None


def look(root: Path = Path("/")) -> Machine:
    """Return what this machine says of itself; `root` is where /proc and /sys are."""
    clock = root / "sys/devices/system/cpu/cpu0/cpufreq"
    return Machine(
        cpu=_cpu(root),
        architecture=platform.machine(),
        cores=len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count() or 1,
        governor=_line(clock / "scaling_governor"),
        clock_mhz=_scaled(clock / "scaling_cur_freq", 1e-3),
        temperature_c=_scaled(root / "sys/class/thermal/thermal_zone0/temp", 1e-3),
        throttled=_throttled(root / "sys/devices/platform/soc/soc:firmware/get_throttled"),
    )


def peak_memory(root: Path = Path("/")) -> int | None:
    """Return the peak resident memory of this process in bytes.

    From /proc: unlike getrusage's figure, a new process does not inherit that of its parent.
    """
    for line in _lines(root / "proc/self/status"):
        if line.startswith("VmHWM:"):
            return 1024 * int(line.split()[1])
    return None


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(errors="replace").splitlines()
    except OSError:
        return []


def _line(path: Path) -> str | None:
    lines = _lines(path)
    return lines[0].strip("\0 ") if lines else None


def _scaled(path: Path, factor: float) -> float | None:
    line = _line(path)
    return int(line) * factor if line and line.lstrip("-").isdigit() else None


def _throttled(path: Path) -> bool | None:
    """Bits 0 to 3 of the firmware's word: what slows the board now."""
    line = _line(path)
    try:
        return None if line is None else bool(int(line, 16) & 0xF)
    except ValueError:
        return None


def _cpu(root: Path) -> str | None:
    """The board's name where there is one, else the processor's."""
    board = _line(root / "proc/device-tree/model")
    if board:
        return board
    for line in _lines(root / "proc/cpuinfo"):
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return None
