"""Everything that the doctor knows about a machine at one moment; `advice` judges it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edgebin.doctor.kernels import Kernels, kernels
from edgebin.doctor.system import System, system
from edgebin.machine.activity.cgroup import ControlGroup, control_group
from edgebin.machine.activity.load_average import LoadAverage, load_average
from edgebin.machine.activity.processor import ProcessorUse, watch
from edgebin.machine.board import Board, board
from edgebin.machine.clocks import Clock, clocks
from edgebin.machine.cores import Cores, cores
from edgebin.machine.heat import Zone, zones
from edgebin.machine.jetson import PowerMode, power_mode
from edgebin.machine.memory import Memory, memory
from edgebin.machine.process import Process, this_process
from edgebin.machine.throttling import Throttling, throttling


@dataclass(frozen=True, slots=True)
class Report:
    """A machine at one moment; each part's class tells what its fields mean.

    What the machine does not tell is None, or missing from a list.
    """

    board: Board
    cores: Cores
    system: System
    kernels: Kernels
    clocks: tuple[Clock, ...]
    temperatures: tuple[Zone, ...]
    throttling: Throttling
    power_mode: PowerMode | None
    memory: Memory
    load: LoadAverage | None
    use: ProcessorUse | None
    control_group: ControlGroup


def examine(
    root: Path = Path("/"),
    *,
    process: Process | None = None,
    environment: Mapping[str, str] = os.environ,
    watch_seconds: float = 0.0,
) -> Report:
    """Return the report of a machine; never fails.

    Args:
        root: where its /proc, /sys, /etc, /usr and /var are.
        process: what runs edgebin there; None stands for this process.
        environment: environment variables of that process.
        watch_seconds: for how long to watch what the cores are used for; 0 leaves that unknown.
    """
    found = board(root)
    return Report(
        board=found,
        cores=cores(root),
        system=system(root, process or this_process()),
        kernels=kernels(environment),
        clocks=clocks(root),
        temperatures=zones(root),
        throttling=throttling(root, found),
        power_mode=power_mode(root),
        memory=memory(root),
        load=load_average(root),
        use=watch(root, watch_seconds) if watch_seconds > 0 else None,
        control_group=control_group(root),
    )
