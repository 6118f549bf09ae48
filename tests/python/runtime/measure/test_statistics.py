from __future__ import annotations

import pytest

from edgebin.runtime.measure import summarise
from edgebin.runtime.measure.statistics import histogram


def test_percentiles() -> None:
    times = [float(i) for i in range(101)]
    assert summarise(times) == {
        "min": 0,
        "mean": 50,
        "median": 50,
        "p90": 90,
        "p99": 99,
        "max": 100,
        "iqr": 50,
    }


def test_a_histogram_counts_every_time_once() -> None:
    times = [1.0] * 50 + [2.0] * 30 + [3.0] * 19 + [1000.0]
    found = histogram(times, 11)
    assert sum(found.counts) + found.above == 100
    assert found.above == 1, "a long tail does not press all others into one class"
    assert len(found.edges) == 12
    assert found.edges[0] == 1.0
    assert found.counts[0] == 50


def test_equal_times_are_one_class() -> None:
    found = histogram([2.0] * 7, 8)
    assert (found.counts, found.above) == ((7,), 0)
    assert found.edges == pytest.approx((2.0, 2.0))
