"""Ratios of times with an interval, by the bootstrap.

A measurement is a list of samples, the medians of rounds or of blocks of calls. The samples of each
side are drawn again, with replacement, and the ratio of the means is taken; of many such ratios the
2.5th and the 97.5th percentile are the 95 % interval. Calls that follow one another are alike, so
single calls are not drawn: their interval would be too narrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MIN_ROUNDS = 3
_BLOCKS = 20
_MIN_OF_BLOCK = 5  # calls
_DRAWS = 5000
_PERCENTILES = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Samples:
    """What stands for a measurement in the bootstrap.

    Args:
        kind: "rounds" or "blocks".
        ms: the medians, in milliseconds.
    """

    kind: str
    ms: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean of the medians."""
        return sum(self.ms) / len(self.ms)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio of times: the second over the first, so below 1 the second is faster.

    Args:
        value: the ratio of the means.
        low: lower end of the 95 % interval; None where one side has a single sample.
        high: its upper end.
    """

    value: float
    low: float | None
    high: float | None

    @property
    def differs(self) -> bool | None:
        """Whether the interval leaves out 1; None without an interval."""
        if self.low is None or self.high is None:
            return None
        return not self.low <= 1.0 <= self.high


def samples(rounds: Sequence[Sequence[float]]) -> Samples:
    """Return the samples of a measurement.

    Args:
        rounds: the times of each round's calls, in order. With fewer than `MIN_ROUNDS` of them,
            blocks of consecutive calls are taken instead.
    """
    if len(rounds) >= MIN_ROUNDS:
        return Samples("rounds", tuple(float(np.median(times)) for times in rounds))
    blocks: list[float] = []
    for times in rounds:
        count = max(1, min(_BLOCKS, len(times) // _MIN_OF_BLOCK))
        blocks += [float(np.median(block)) for block in np.array_split(np.asarray(times), count)]
    return Samples("blocks", tuple(blocks))


def ratio(first: Samples, second: Samples) -> Ratio:
    """Return the second over the first, with its interval; the same every time."""
    value = second.mean / first.mean
    if min(len(first.ms), len(second.ms)) < 2:
        return Ratio(value, None, None)
    generator = np.random.default_rng(0)
    ratios = _means(second.ms, generator) / _means(first.ms, generator)
    low, high = np.percentile(ratios, _PERCENTILES).tolist()
    return Ratio(value, low, high)


def _means(
    values: tuple[float, ...], generator: np.random.Generator
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    drawn = generator.integers(0, len(values), (_DRAWS, len(values)))
    means: np.ndarray[tuple[int], np.dtype[np.float64]] = np.asarray(values)[drawn].mean(axis=1)
    return means
