"""Judges whether a measurement means anything: VALID, or INVALID with reasons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from edgebin.machine import Machine
from edgebin.runtime.measure import limits
from edgebin.runtime.measure.activity import Activity
from edgebin.runtime.measure.measurement import Measurement
from edgebin.runtime.measure.plan import Plan
from edgebin.runtime.measure.statistics import summarise


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a measurement is INVALID.

    Args:
        code: such as "steal"; docs/bench.md has all.
        text: for people, with the number and its limit.
        value: what was found; None where it is no number.
        limit: what it may be.
    """

    code: str
    text: str
    value: float | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class _Facts:
    plan: Plan
    measurement: Measurement
    before: Machine
    after: Machine
    activity: Activity

    @property
    def counted(self) -> bool:
        """Whether the kernel's counters of time are fine enough for so short a time."""
        return self.activity.wall_seconds >= limits.MIN_SECONDS_OF_COUNTERS


def judge(
    plan: Plan, measurement: Measurement, before: Machine, after: Machine
) -> tuple[Reason, ...]:
    """Return why a measurement is INVALID; nothing if it is VALID.

    An unknown fact is no reason.

    Args:
        plan: what was asked for.
        measurement: what was measured.
        before: the machine before.
        after: the machine afterwards.
    """
    activity = measurement.activity or Activity(0.0, 0.0, 0, 0)
    facts = _Facts(plan, measurement, before, after, activity)
    found = (rule(facts) for rule in _RULES)
    return tuple(reason for reason in found if reason is not None)


def _throttled(facts: _Facts) -> Reason | None:
    if not (facts.before.throttled or facts.after.throttled):
        return None
    return Reason("throttled", "heat or weak supply slowed the machine down")


def _quota(facts: _Facts) -> Reason | None:
    quotas = (facts.before.cpu_quota, facts.after.cpu_quota, facts.activity.cpu_quota)
    quota = min((quota for quota in quotas if quota is not None), default=None)
    workers = facts.plan.workers
    if quota is None or quota >= workers:
        return None
    text = (
        f"the control group allows {_beyond(quota, workers, 1)} cores, fewer than the "
        f"{workers} that {'thread' if workers == 1 else 'threads'} compute on"
    )
    return Reason("quota", text, quota, workers)


def _cgroup_throttled(facts: _Facts) -> Reason | None:
    periods = facts.activity.throttled_periods
    if not periods:
        return None
    seconds = facts.activity.throttled_seconds or 0.0
    times = "once" if periods == 1 else f"{periods} times"
    text = f"the control group was stopped {times}, for {seconds:.2f} s, at the end of its quota"
    return Reason("cgroup_throttled", text, periods, 0)


def _others(facts: _Facts) -> Reason | None:
    others, cores = facts.activity.others_cores, facts.activity.machine_cores
    if others is None or cores is None or not facts.counted:
        return None
    limit = max(0, cores - facts.plan.workers) + limits.MAX_OTHERS_OVERLAP
    if others <= limit:
        return None
    threads = _counted(facts.plan.workers, "thread")
    text = (
        f"other programs used {_beyond(others, limit, 2)} of {_counted(cores, 'core')} "
        f"beside {threads}; "
        f"at most {limit:.2f} leave it undisturbed"
    )
    return Reason("others", text, others, limit)


def _load(facts: _Facts) -> Reason | None:
    """The load average lags: it counts unless all others are known to have been idle."""
    cores = facts.activity.machine_cores or facts.before.cores
    known = [facts.before.load_average, facts.activity.load_average]
    load = max((load for load in known if load is not None), default=None)
    others = facts.activity.others_cores if facts.counted else None
    limit = cores + limits.MAX_LOAD_ABOVE_CORES
    if load is None or load <= limit:
        return None
    if others is not None and others <= limits.MAX_OTHERS_OVERLAP:
        return None
    shown = _beyond(load, limit, 1)
    text = f"the load average is {shown} on {_counted(cores, 'core')}; at most {limit:.1f}"
    return Reason("load", text, load, limit)


def _steal(facts: _Facts) -> Reason | None:
    share = facts.activity.steal_share
    if share is None or share <= limits.MAX_STEAL or not facts.counted:
        return None
    text = (
        f"the hypervisor took {_percent(share, limits.MAX_STEAL)} of the time; "
        f"at most {limits.MAX_STEAL:.0%}"
    )
    return Reason("steal", text, share, limits.MAX_STEAL)


def _switches(facts: _Facts) -> Reason | None:
    if not facts.counted:
        return None
    time_of_threads = facts.activity.wall_seconds * facts.plan.workers
    rate = facts.activity.involuntary_switches / time_of_threads
    if rate <= limits.MAX_SWITCHES_PER_SECOND:
        return None
    text = (
        "the kernel took the core from each thread "
        f"{_beyond(rate, limits.MAX_SWITCHES_PER_SECOND, 0)} times a second; "
        f"at most {limits.MAX_SWITCHES_PER_SECOND:.0f}"
    )
    return Reason("switches", text, rate, limits.MAX_SWITCHES_PER_SECOND)


def _waited(facts: _Facts) -> Reason | None:
    waited = facts.activity.waited_seconds
    if waited is None or not facts.counted:
        return None
    share = waited / (facts.activity.wall_seconds * facts.plan.workers)
    if share <= limits.MAX_WAITED:
        return None
    text = (
        f"threads waited {_percent(share, limits.MAX_WAITED)} of the time for a core; "
        f"at most {limits.MAX_WAITED:.0%}"
    )
    return Reason("waited", text, share, limits.MAX_WAITED)


def _cpu_time(facts: _Facts) -> Reason | None:
    """Of one thread alone: several wait for one another where a step has too little for all."""
    if facts.plan.workers != 1 or not facts.counted:
        return None
    share = facts.activity.cpu_seconds / facts.activity.wall_seconds
    if share >= limits.MIN_CPU_SHARE:
        return None
    text = (
        f"CPU time is {_percent(share, limits.MIN_CPU_SHARE)} of the wall time; "
        f"at least {limits.MIN_CPU_SHARE:.0%}"
    )
    return Reason("cpu_time", text, share, limits.MIN_CPU_SHARE)


def _core_share(facts: _Facts) -> Reason | None:
    share = facts.activity.core_share
    if share is None or share >= limits.MIN_CORE_SHARE:
        return None
    text = (
        "another hyperthread, perhaps of another virtual machine, shared the core: the thread got "
        f"{_percent(share, limits.MIN_CORE_SHARE)} of it; at least {limits.MIN_CORE_SHARE:.0%}"
    )
    return Reason("core_share", text, share, limits.MIN_CORE_SHARE)


def _few_calls(facts: _Facts) -> Reason | None:
    calls = len(facts.measurement.run_ms)
    if calls >= limits.MIN_CALLS:
        return None
    text = f"{_counted(calls, 'timed call')}; at least {limits.MIN_CALLS} make a 90th percentile"
    return Reason("few_calls", text, calls, limits.MIN_CALLS)


def _spread(facts: _Facts) -> Reason | None:
    latency = summarise(facts.measurement.run_ms)
    ratio = latency["p90"] / latency["median"] if latency["median"] > 0 else 1.0
    if ratio <= limits.MAX_P90_OVER_MEDIAN:
        return None
    shown = _beyond(ratio, limits.MAX_P90_OVER_MEDIAN, 2)
    text = f"p90 is {shown} times the median; at most {limits.MAX_P90_OVER_MEDIAN}"
    return Reason("spread", text, ratio, limits.MAX_P90_OVER_MEDIAN)


def _warmup(facts: _Facts) -> Reason | None:
    if facts.measurement.stable is not False:
        return None
    text = (
        f"times were not stable after {limits.WARMUP_MAX_SECONDS:.0f} s of warming up: medians of "
        f"consecutive calls differ by more than {limits.WARMUP_TOLERANCE:.0%}"
    )
    return Reason("warmup", text)


def _percent(share: float, limit: float) -> str:
    return f"{_beyond(100 * share, 100 * limit, 1)}%"


def _beyond(value: float, limit: float, digits: int) -> str:
    """Return a number beyond a limit, with so many decimals that it does not look like the limit.

    Args:
        value: the number.
        limit: what it was compared with.
        digits: decimals at least; at most six.
    """
    while digits < 6 and f"{value:.{digits}f}" == f"{limit:.{digits}f}":
        digits += 1
    return f"{value:.{digits}f}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


_RULES: tuple[Callable[[_Facts], Reason | None], ...] = (
    _throttled,
    _quota,
    _cgroup_throttled,
    _others,
    _load,
    _steal,
    _switches,
    _waited,
    _cpu_time,
    _core_share,
    _spread,
    _warmup,
    _few_calls,
)
