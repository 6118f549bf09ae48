"""Measurements for tests of verdicts and reports: facts as if they had been recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from edgebin.machine import Machine
from edgebin.runtime.measure import (
    Activity,
    Case,
    Measurement,
    MemorySample,
    Plan,
    Result,
    Round,
    judge,
)
from edgebin.runtime.profile import ProfiledStep

QUIET_PI = Machine("Raspberry Pi 4", "aarch64", 4, "ondemand", 600.0, 48.0, False, 0.2)
QUIET = Activity(
    wall_seconds=1.0,
    cpu_seconds=0.985,
    voluntary_switches=3,
    involuntary_switches=25,
    waited_seconds=0.006,
    machine_cores=4,
    others_cores=0.05,
    steal_share=0.0,
    load_average=0.3,
    throttled_periods=0,
    throttled_seconds=0.0,
    clock_mhz=1800.0,
    cores_seen=(0, 2),
)
STEPS = (
    ProfiledStep(("stem",), ("conv", "quantize"), "u8s8", (32, 32, 16), 442_368, 0.4),
    ProfiledStep(("head",), ("linear",), "f32", (1, 1, 10), 640, 0.1),
)


def times(median: float = 1.0, calls: int = 100, spread: float = 0.05) -> list[float]:
    """Return times that lie evenly around a median, within a share of it, in no order."""
    step = [(i * 37 % calls) / (calls - 1) - 0.5 if calls > 1 else 0.0 for i in range(calls)]
    return [median * (1 + spread * one) for one in step]


def measurement(run_ms: Sequence[float] | None = None, **facts: Any) -> Measurement:
    """Return a measurement on a quiet machine, with other facts where they are named."""
    return Measurement(
        **{
            "isa": "neon",
            "load_ms": 1.5,
            "first_ms": 2.5,
            "run_ms": list(times() if run_ms is None else run_ms),
            "arena_bytes": 1000,
            "file_bytes": 2000,
            "import_memory_bytes": 20_000_000,
            "peak_memory_bytes": 30_000_000,
            "name": "resnet20",
            "warmup": 40,
            "stable": True,
            "activity": QUIET,
            "memory": (MemorySample(0.1, 29_000_000), MemorySample(0.9, 29_000_000)),
            **facts,
        }
    )


def result(
    *measurements: Measurement, machine: Machine = QUIET_PI, model: str = "m.ebn", **plan: Any
) -> Result:
    """Return a result with a round for each measurement, judged."""
    how = replace(Plan(isa=measurements[0].isa), **plan)
    rounds = tuple(
        Round(one, machine, machine, judge(how, one, machine, machine)) for one in measurements
    )
    return Result(Case(model, Path(model), how), rounds)
