"""Time of all cores since boot, from /proc/stat: busy, idle, and taken by a hypervisor."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path

from edgebin.machine.files import lines, whole

_TICKS = 100  # a second; the unit of /proc/stat on every Linux of today (USER_HZ)
_CORE = re.compile(r"cpu[0-9]+")
_BUSY = (0, 1, 2, 5, 6)  # user, nice, system, irq, softirq
_WAITING = (3, 4)  # idle, iowait
_STEAL = 7


@dataclass(frozen=True, slots=True)
class ProcessorTime:
    """Seconds of all cores together since boot.

    Args:
        cores: that are switched on.
        busy: seconds in which programs or the kernel ran.
        idle: seconds in which nothing ran.
        steal: seconds in which something could run, but the hypervisor ran another machine.
    """

    cores: int
    busy: float
    idle: float
    steal: float

    def since(self, before: ProcessorTime) -> ProcessorTime:
        """Return the seconds that have passed since an earlier moment; none is below zero."""
        return ProcessorTime(
            cores=self.cores,
            busy=max(0.0, self.busy - before.busy),
            idle=max(0.0, self.idle - before.idle),
            steal=max(0.0, self.steal - before.steal),
        )


@dataclass(frozen=True, slots=True)
class ProcessorUse:
    """What the cores were used for over a short time.

    Args:
        seconds: that were watched.
        cores: that are switched on.
        busy_cores: how many of them worked, on average.
        steal_share: share of the time of all cores that a hypervisor took.
    """

    seconds: float
    cores: int
    busy_cores: float
    steal_share: float


def watch(root: Path, seconds: float) -> ProcessorUse | None:
    """Watch all cores for some seconds; None where the system does not count their time."""
    before = processor_time(root)
    time.sleep(seconds)
    after = processor_time(root)
    if before is None or after is None:
        return None
    passed = after.since(before)
    total = passed.busy + passed.idle + passed.steal
    if total <= 0:
        return None
    return ProcessorUse(
        seconds=seconds,
        cores=passed.cores,
        busy_cores=passed.cores * passed.busy / total,
        steal_share=passed.steal / total,
    )


def processor_time(root: Path) -> ProcessorTime | None:
    """Return the counters that the files under `root` hold."""
    words = [found.split() for found in lines(root / "proc/stat") if found.startswith("cpu")]
    total = next((row[1:] for row in words if row[0] == "cpu"), [])
    ticks = [whole(field) for field in total]
    cores = sum(1 for row in words if _CORE.fullmatch(row[0]))
    if len(ticks) <= max(_WAITING) or None in ticks or not cores:
        return None
    counted = [max(0, tick or 0) for tick in ticks] + [0] * (_STEAL + 1)  # 2.6 kernels lack some
    return ProcessorTime(
        cores=cores,
        busy=sum(counted[i] for i in _BUSY) / _TICKS,
        idle=sum(counted[i] for i in _WAITING) / _TICKS,
        steal=counted[_STEAL] / _TICKS,
    )
