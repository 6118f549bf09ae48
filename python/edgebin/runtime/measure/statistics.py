"""Statistics of times: percentiles, spread, and a histogram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


def summarise(times: Sequence[float]) -> dict[str, float]:
    """Return least, mean, percentiles, most and interquartile range of times, in their unit.

    Percentiles are interpolated linearly.
    """
    p25, median, p75, p90, p99 = np.percentile(times, (25, 50, 75, 90, 99)).tolist()
    return {
        "min": float(min(times)),
        "mean": float(sum(times) / len(times)),
        "median": median,
        "p90": p90,
        "p99": p99,
        "max": float(max(times)),
        "iqr": p75 - p25,
    }


_TAIL = 5  # interquartile ranges above the median


@dataclass(frozen=True, slots=True)
class Histogram:
    """Times counted in classes of equal width; the slowest ones are one class of their own.

    Args:
        edges: of the classes, one more than there are.
        counts: times in each class.
        above: times beyond the last edge.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    above: int


def histogram(times: Sequence[float], classes: int) -> Histogram:
    """Count times in `classes` classes from the least time to a high one.

    That is the 99th percentile, or the median and a few interquartile ranges where this is less, so
    that a long tail does not press all others into one class.
    """
    array = np.asarray(times, np.float64)
    p25, median, p75, p99 = np.percentile(array, (25, 50, 75, 99)).tolist()
    low, high = float(array.min()), p99
    if p75 > p25:
        high = min(high, median + _TAIL * (p75 - p25))
    if not high > low:
        return Histogram((low, low), (int(np.sum(array <= low)),), int(np.sum(array > low)))
    counts, edges = np.histogram(array, bins=classes, range=(low, high))
    above = int(np.sum(array > high))
    return Histogram(tuple(edges.tolist()), tuple(map(int, counts)), above)
