"""Rules about what else uses the machine, and what this process may take of it."""

from __future__ import annotations

from edgebin.doctor.advice.advice import Advice
from edgebin.doctor.report import Report

_LOAD_ABOVE_CORES = 0.5
_FREE = 0.8  # of a core that an undisturbed thread needs
_STEAL = 0.01


def busy(report: Report) -> Advice | None:
    """Advise if other programs leave no core free."""
    cores, load, use = _cores(report), report.load, report.use
    if load is not None and load.one_minute > cores + _LOAD_ABOVE_CORES:
        what = f"The load average is {load.one_minute:.1f} on {_counted(cores)}"
    elif use is not None and use.busy_cores > use.cores - _FREE:
        what = f"Programs use {use.busy_cores:.1f} of {_counted(use.cores)} now"
    else:
        return None
    return Advice(
        f"{what}, so networks wait for a core, and times measured now mean little. To see what "
        "runs:",
        "ps -eo pcpu,pid,comm --sort=-pcpu | head",
    )


def quota(report: Report) -> Advice | None:
    """Advise if the control group allows fewer cores than there are."""
    allowed, cores = report.control_group.cpu_quota, report.system.process.cores
    if allowed is None or allowed >= cores:
        return None
    threads = max(1, int(allowed))
    return Advice(
        f"The control group of this process allows {allowed:.2g} of {_counted(cores)} on average: "
        "when that is used up, everything in it is stopped, so single calls take many times as "
        f"long. Raise the limit (docker run --cpus, limits.cpu, CPUQuota), or use at most "
        f"{threads} {'thread' if threads == 1 else 'threads'}."
    )


def steal(report: Report) -> Advice | None:
    """Advise if a hypervisor gives this machine's time to others."""
    use = report.use
    if use is None or use.steal_share <= _STEAL:
        return None
    return Advice(
        f"The hypervisor took {use.steal_share:.1%} of this machine's time for others, so times "
        "scatter. A machine with cores of its own has none of that."
    )


def memory_limit(report: Report) -> Advice | None:
    """Advise if the control group allows less memory than the machine has."""
    limit, total = report.control_group.memory_limit, report.memory.total
    if limit is None or (total is not None and limit >= total):
        return None
    whole = "" if total is None else f" of {total / 1e6:.0f}"
    return Advice(
        f"The control group of this process allows {limit / 1e6:.0f}{whole} MB of memory; a "
        "process that needs more is killed. `edgebin bench MODEL` shows what a model takes."
    )


def _cores(report: Report) -> int:
    """Return the cores of the machine, also those that this process may not use."""
    if report.use is not None:
        return report.use.cores
    return report.cores.online or report.system.process.cores


def _counted(cores: int) -> str:
    return f"{cores} core" if cores == 1 else f"{cores} cores"
