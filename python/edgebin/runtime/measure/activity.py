"""What the machine and this process did between two moments of a measurement."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from edgebin.machine.activity.cgroup import ControlGroup, control_group
from edgebin.machine.activity.load_average import LoadAverage, load_average
from edgebin.machine.activity.process import ProcessTime, process_time
from edgebin.machine.activity.processor import ProcessorTime, processor_time
from edgebin.machine.clocks import clocks

_Number = TypeVar("_Number", int, float)


@dataclass(frozen=True, slots=True)
class Moment:
    """All counters at one moment.

    Args:
        seconds: of a clock that never goes back.
        process: time of this process.
        processor: time of all cores.
        group: limits of the control group.
        load: load averages.
    """

    seconds: float
    process: ProcessTime
    processor: ProcessorTime | None
    group: ControlGroup
    load: LoadAverage | None


@dataclass(frozen=True, slots=True)
class Activity:
    """What happened while calls were timed.

    Args:
        wall_seconds: that passed.
        cpu_seconds: CPU time of this process.
        voluntary_switches: of this process: a thread waited for something.
        involuntary_switches: of this process: the kernel took a thread's core for another task.
        waited_seconds: in which a thread of this process could run, but had no core.
        machine_cores: cores of the machine, also those that this process may not use.
        others_cores: cores that everything else used on average.
        steal_share: share of the time of all cores that a hypervisor took.
        load_average: of a minute, the larger one of before and after.
        cpu_quota: cores that the control group may use.
        throttled_periods: how often the control group was stopped for having used up its quota.
        throttled_seconds: for how long.
        clock_mhz: of the first core, right after the last call.
        core_share: share of its core that one thread got, the median of samples between calls:
            less than about 0.9 where another hyperthread is busy.
        cores_seen: cores on which threads of this process ran when that was sampled.
    """

    wall_seconds: float
    cpu_seconds: float
    voluntary_switches: int
    involuntary_switches: int
    waited_seconds: float | None = None
    machine_cores: int | None = None
    others_cores: float | None = None
    steal_share: float | None = None
    load_average: float | None = None
    cpu_quota: float | None = None
    throttled_periods: int | None = None
    throttled_seconds: float | None = None
    clock_mhz: float | None = None
    core_share: float | None = None
    cores_seen: tuple[int, ...] = ()


def begin(root: Path = Path("/")) -> Moment:
    """Return the counters before calls are timed; those of this process are read last."""
    processor, group, load = processor_time(root), control_group(root), load_average(root)
    return Moment(time.perf_counter(), process_time(root), processor, group, load)


def end(root: Path = Path("/")) -> Moment:
    """Return the counters after calls were timed; those of this process are read first."""
    seconds, process = time.perf_counter(), process_time(root)
    return Moment(seconds, process, processor_time(root), control_group(root), load_average(root))


def activity(before: Moment, after: Moment, root: Path = Path("/")) -> Activity:
    """Return what happened between two moments."""
    wall, process = after.seconds - before.seconds, after.process.since(before.process)
    others = steal = cores = None
    if before.processor is not None and after.processor is not None:
        passed = after.processor.since(before.processor)
        total = passed.busy + passed.idle + passed.steal
        cores = passed.cores
        others = max(0.0, passed.busy - process.cpu_seconds) / wall if wall > 0 else None
        steal = passed.steal / total if total > 0 else None
    loads = [moment.load.one_minute for moment in (before, after) if moment.load is not None]
    clock = next(iter(clocks(root)), None)
    return Activity(
        wall_seconds=wall,
        cpu_seconds=process.cpu_seconds,
        voluntary_switches=process.voluntary_switches,
        involuntary_switches=process.involuntary_switches,
        waited_seconds=process.waited_seconds,
        machine_cores=cores,
        others_cores=others,
        steal_share=steal,
        load_average=max(loads, default=None),
        cpu_quota=after.group.cpu_quota,
        throttled_periods=_passed(before.group.throttled_periods, after.group.throttled_periods),
        throttled_seconds=_passed(before.group.throttled_seconds, after.group.throttled_seconds),
        clock_mhz=clock.mhz if clock else None,
    )


def _passed(before: _Number | None, after: _Number | None) -> _Number | None:
    return None if before is None or after is None else max(after - before, type(after)(0))
