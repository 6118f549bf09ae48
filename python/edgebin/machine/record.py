"""What a measurement records about its machine: a few facts at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgebin.machine.activity.cgroup import control_group
from edgebin.machine.activity.load_average import load_average
from edgebin.machine.board import board, processor_model, tree_model
from edgebin.machine.clocks import clocks
from edgebin.machine.heat import processor_zone, zones
from edgebin.machine.process import this_process
from edgebin.machine.throttling import throttling


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine at one moment.

    Args:
        cpu: model of the processor or board.
        architecture: as `uname -m` says.
        cores: cores that this process may use.
        governor: of the first core's clock, such as "performance".
        clock_mhz: of the first core, now.
        temperature_c: of the processor, or else of the first thermal zone, now.
        throttled: whether the machine says that heat or weak supply slow it now.
        load_average: of the whole machine over the last minute: tasks that run or wait.
        cpu_quota: cores that the control group of this process may use, such as 0.5; None without
            a limit.
        memory_limit_bytes: what that group may use; None without a limit.
    """

    cpu: str | None
    architecture: str
    cores: int
    governor: str | None
    clock_mhz: float | None
    temperature_c: float | None
    throttled: bool | None
    load_average: float | None = None
    cpu_quota: float | None = None
    memory_limit_bytes: int | None = None


def look(root: Path = Path("/")) -> Machine:
    """Return the facts about this machine; `root` is where /proc and /sys are."""
    found, process = board(root), this_process()
    clock = next(iter(clocks(root)), None)
    zone = processor_zone(zones(root))
    slowed = throttling(root, found).now
    load, group = load_average(root), control_group(root)
    return Machine(
        cpu=tree_model(root) or processor_model(root),
        architecture=process.architecture,
        cores=process.cores,
        governor=clock.governor if clock else None,
        clock_mhz=clock.mhz if clock else None,
        temperature_c=zone.celsius if zone else None,
        throttled=None if slowed is None else bool(slowed),
        load_average=load.one_minute if load else None,
        cpu_quota=group.cpu_quota,
        memory_limit_bytes=group.memory_limit,
    )
