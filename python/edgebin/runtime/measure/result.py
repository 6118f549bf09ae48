"""Several cases, measured in turn: what a benchmark has found about each."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from edgebin.machine import Machine, look
from edgebin.runtime.measure.isolated import measure
from edgebin.runtime.measure.measurement import Measurement
from edgebin.runtime.measure.plan import Plan
from edgebin.runtime.measure.statistics import summarise
from edgebin.runtime.measure.verdict import Reason, judge
from edgebin.runtime.profile import ProfiledStep


@dataclass(frozen=True, slots=True)
class Case:
    """A model and how to run it.

    Args:
        model: as the user named it.
        path: of its file.
        plan: what to measure.
    """

    model: str
    path: Path
    plan: Plan


@dataclass(frozen=True, slots=True)
class Round:
    """One measurement of a case in a fresh process.

    Args:
        measurement: what was measured.
        before: the machine before.
        after: the machine afterwards.
        reasons: why the measurement is INVALID; none if it is VALID.
    """

    measurement: Measurement
    before: Machine
    after: Machine
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """All rounds of one case, at least one."""

    case: Case
    rounds: tuple[Round, ...]

    @property
    def first(self) -> Measurement:
        """The measurement of the first round."""
        return self.rounds[0].measurement

    @property
    def run_ms(self) -> list[float]:
        """The timed calls of all rounds."""
        return [ms for one in self.rounds for ms in one.measurement.run_ms]

    @property
    def latency(self) -> dict[str, float]:
        """Percentiles of the timed calls of all rounds."""
        return summarise(self.run_ms)

    @property
    def images_per_second(self) -> float:
        """Images over the time of all calls; of several streams, over the time that passed."""
        images = self.case.plan.batch * len(self.run_ms)
        if self.case.plan.streams == 1:
            return 1e3 * images / sum(self.run_ms)
        measurements = [one.measurement for one in self.rounds]
        return images / sum(m.activity.wall_seconds for m in measurements if m.activity)

    @property
    def steps(self) -> tuple[ProfiledStep, ...]:
        """The profile, each step with the median of its rounds."""
        profiles = [one.measurement.steps for one in self.rounds]
        return tuple(
            replace(same[0], ms=float(np.median([step.ms for step in same])))
            for same in zip(*profiles, strict=True)
        )

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why it is INVALID: of each code the reason of the first round that has it."""
        found: dict[str, Reason] = {}
        for one in self.rounds:
            for reason in one.reasons:
                found.setdefault(reason.code, reason)
        return tuple(found.values())

    @property
    def valid(self) -> bool:
        """Whether every round is VALID."""
        return not self.reasons

    def median_of(self, value: Callable[[Measurement], float]) -> float:
        """Return the median over the rounds of a number of each."""
        return float(np.median([value(one.measurement) for one in self.rounds]))


def measure_rounds(
    cases: Sequence[Case],
    rounds: int = 1,
    *,
    announce: Callable[[Case, int], None] = lambda _case, _number: None,
) -> tuple[Result, ...]:
    """Measure every case once in every round, in random order, each in a fresh process.

    So a slow minute of the machine affects all cases alike.

    Args:
        cases: what to measure.
        rounds: how often.
        announce: is called with the case and the round's number, from 1, before each measurement.

    Raises:
        EdgebinError, MemoryError: as `measure`.
    """
    measured: list[list[Round]] = [[] for _ in cases]
    for number in range(1, rounds + 1):
        for index in random_order(len(cases), number):
            announce(cases[index], number)
            measured[index].append(measure_once(cases[index]))
    return tuple(Result(case, tuple(of)) for case, of in zip(cases, measured, strict=True))


def measure_once(case: Case) -> Round:
    """Measure one case in a fresh process, between two looks at the machine, and judge it."""
    before = look()
    measurement = measure(case.path, case.plan)
    after = look()
    return Round(measurement, before, after, judge(case.plan, measurement, before, after))


def random_order(count: int, round_number: int) -> list[int]:
    """Return 0..count-1 in an order that differs from round to round, the same every time."""
    order = list(range(count))
    if round_number > 1:  # the first one as the user gave them
        random.Random(round_number).shuffle(order)
    return order
