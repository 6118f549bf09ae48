"""Warming up and timing, with calls that only claim to take time."""

from __future__ import annotations

import threading
from itertools import count

import pytest

from edgebin.runtime.measure import Plan, limits
from edgebin.runtime.measure.calls import Sampler, time_calls, time_streams
from edgebin.runtime.measure.warmup import agree, warm_up


def quiet() -> Sampler:
    return Sampler(lambda _seconds: None)


def test_warming_up_ends_when_two_windows_agree() -> None:
    falling = iter([50.0, 40.0, 30.0, 20.0, 15.0] + [10.0] * 1000)
    found = warm_up(lambda: next(falling))
    assert found.stable
    assert 1e-3 * 10 * found.calls >= limits.WARMUP_MIN_SECONDS - 0.1


def test_warming_up_takes_its_least_time_even_if_times_agree_at_once() -> None:
    found = warm_up(lambda: 1.0)
    assert found.stable
    assert found.calls >= 1e3 * limits.WARMUP_MIN_SECONDS


def test_warming_up_ends_if_times_never_agree() -> None:
    number = count()
    found = warm_up(lambda: 100.0 * 1.1 ** (next(number) % 40))
    assert not found.stable
    slow = iter([4000.0] * 5 + [5000.0] * 5)
    assert warm_up(lambda: next(slow)).calls == 10, "two windows, however slow"


def test_two_medians_within_five_percent_agree() -> None:
    assert agree(1.0, 1.049)
    assert agree(1.049, 1.0)
    assert not agree(1.0, 1.06)


def test_a_number_of_calls_is_exact() -> None:
    calls = count()
    assert len(time_calls(lambda: next(calls), Plan(runs=7), quiet())) == 7
    assert next(calls) == 7
    assert len(time_streams(lambda: next(calls), Plan(runs=10, streams=3), quiet())) == 10
    assert next(calls) == 18


def test_without_a_number_there_are_enough_calls() -> None:
    assert len(time_calls(lambda: None, Plan(seconds=1e-9), quiet())) == limits.MIN_CALLS


def test_streams_call_at_the_same_time() -> None:
    together = threading.Barrier(3, timeout=20)
    assert len(time_streams(together.wait, Plan(runs=6, streams=3), quiet())) == 6


def test_an_error_of_a_stream_is_raised() -> None:
    def fail() -> None:
        raise MemoryError

    with pytest.raises(MemoryError):
        time_streams(fail, Plan(runs=6, streams=2), quiet())


def test_samples_are_taken_between_calls() -> None:
    taken: list[float] = []
    time_calls(lambda: None, Plan(runs=5), Sampler(taken.append, every=0.0))
    assert len(taken) == 5
    assert taken == sorted(taken)
