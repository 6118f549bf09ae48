"""Measures a model on this machine, and judges whether the measurement means anything.

`measure` runs a `Plan` in an isolated process (`isolated`, `child`): it warms up until times are
stable (`warmup`), times calls (`calls`), and records what the machine did meanwhile (`activity`).
`measure_rounds` repeats several cases in turn, `judge` compares the facts with the limits of
`limits`, and `statistics` summarises times.
"""

from __future__ import annotations

from edgebin.runtime.measure.activity import Activity
from edgebin.runtime.measure.isolated import measure
from edgebin.runtime.measure.measurement import Measurement, MemorySample
from edgebin.runtime.measure.plan import DEFAULT_SECONDS, Plan
from edgebin.runtime.measure.result import (
    Case,
    Result,
    Round,
    measure_once,
    measure_rounds,
    random_order,
)
from edgebin.runtime.measure.statistics import summarise
from edgebin.runtime.measure.verdict import Reason, judge

__all__ = [
    "DEFAULT_SECONDS",
    "Activity",
    "Case",
    "Measurement",
    "MemorySample",
    "Plan",
    "Reason",
    "Result",
    "Round",
    "judge",
    "measure",
    "measure_once",
    "measure_rounds",
    "random_order",
    "summarise",
]
