from __future__ import annotations

import numpy as np
import pytest

from edgebin.runtime.compare.bootstrap import Samples, ratio, samples


def test_rounds_are_the_samples_where_there_are_enough() -> None:
    assert samples([[1.0, 2.0, 9.0], [4.0], [5.0, 6.0]]) == Samples("rounds", (2.0, 4.0, 5.5))


def test_blocks_of_calls_stand_for_one_round() -> None:
    found = samples([[float(i) for i in range(100)]])
    assert found.kind == "blocks"
    assert found.ms[:3] == (2.0, 7.0, 12.0), "consecutive calls, not every twentieth"
    assert len(found.ms) == 20
    assert len(samples([[1.0] * 12]).ms) == 2, "a block has five calls"
    assert samples([[3.0]]) == Samples("blocks", (3.0,))
    assert len(samples([[1.0] * 100, [1.0] * 100]).ms) == 40, "two rounds are too few"


def test_the_ratio_of_what_does_not_vary_is_exact() -> None:
    found = ratio(Samples("rounds", (2.0,) * 5), Samples("rounds", (3.0,) * 5))
    assert (found.value, found.low, found.high) == pytest.approx((1.5, 1.5, 1.5))
    assert found.differs is True


def test_the_interval_of_noise_contains_one() -> None:
    generator = np.random.default_rng(3)
    first = Samples("rounds", tuple(generator.normal(10, 1, 30).tolist()))
    second = Samples("rounds", tuple(generator.normal(10, 1, 30).tolist()))
    found = ratio(first, second)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 1 < found.high
    assert found.low > 0.9
    assert found.high < 1.1
    assert found.differs is False
    assert ratio(first, second) == found, "the same every time"


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    generator = np.random.default_rng(5)
    covered = 0
    for _ in range(200):
        first = Samples("rounds", tuple(generator.normal(10, 1, 20).tolist()))
        second = Samples("rounds", tuple(generator.normal(12, 1, 20).tolist()))
        found = ratio(first, second)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 1.2 <= found.high
    assert 175 <= covered <= 199


def test_one_sample_has_no_interval() -> None:
    found = ratio(Samples("blocks", (2.0,)), Samples("rounds", (1.0, 1.0, 1.0)))
    assert (found.value, found.low, found.high, found.differs) == (0.5, None, None, None)
