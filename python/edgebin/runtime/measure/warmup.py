"""Warming up: calls until their times are stable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from edgebin.runtime.measure import limits


@dataclass(frozen=True, slots=True)
class WarmUp:
    """How warming up ended.

    Args:
        calls: that it took.
        stable: whether times were stable in the end.
    """

    calls: int
    stable: bool


def warm_up(call: Callable[[], float]) -> WarmUp:
    """Make calls until the medians of two consecutive windows agree, or for the longest time.

    Args:
        call: makes one and returns its milliseconds.
    """
    calls, seconds = 0, 0.0
    previous: float | None = None
    while True:
        window, took = _window(call)
        calls += len(window)
        seconds += took
        median = sorted(window)[len(window) // 2]
        if previous is not None:
            if seconds >= limits.WARMUP_MIN_SECONDS and agree(previous, median):
                return WarmUp(calls, stable=True)
            if seconds >= limits.WARMUP_MAX_SECONDS:
                return WarmUp(calls, stable=False)
        previous = median


def _window(call: Callable[[], float]) -> tuple[list[float], float]:
    """Return the milliseconds of the calls of one window, and the seconds that they took."""
    times: list[float] = []
    seconds = 0.0
    while len(times) < limits.WARMUP_WINDOW_CALLS or seconds < limits.WARMUP_WINDOW_SECONDS:
        times.append(call())
        seconds += times[-1] / 1e3
    return times, seconds


def agree(first: float, second: float) -> bool:
    """Return whether two medians differ by no more than the tolerance."""
    return abs(first - second) <= limits.WARMUP_TOLERANCE * min(first, second)
