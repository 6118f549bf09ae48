"""Advice on what to change on a machine: rules over a report, in their order of importance.

The rules stand in `supply_and_heat`, `software`, `speed` and `sharing`, a function for each. A rule
uses only what the machine reports: an unknown fact gives no advice, unless the advice is how to
find it out.
"""

from __future__ import annotations

from collections.abc import Callable

from edgebin.doctor.advice import sharing, software, speed, supply_and_heat
from edgebin.doctor.advice.advice import Advice
from edgebin.doctor.report import Report

__all__ = ["Advice", "advise"]

_RULES: tuple[Callable[[Report], Advice | None], ...] = (
    software.wrong_isa,  # no model loads
    software.wrong_conv_algo,  # no model loads with it either
    supply_and_heat.weak_supply,  # it slows all, and may crash
    supply_and_heat.slowed_by_heat,
    sharing.busy,
    sharing.quota,
    sharing.steal,
    software.bits,
    speed.power_mode,
    speed.cores_off,
    speed.lowest_clock,
    speed.limited_clock,
    software.lesser_isa,
    supply_and_heat.hot,  # soon slowed
    software.little_memory,
    sharing.memory_limit,
    supply_and_heat.been_slowed,  # it comes back under load
    supply_and_heat.supply_events,
    speed.fast_cores,
    supply_and_heat.untold,
    speed.moving_clock,  # matters to who measures
)


def advise(report: Report) -> tuple[Advice, ...]:
    """Return what to change, most important first."""
    found = (rule(report) for rule in _RULES)
    return tuple(advice for advice in found if advice is not None)
