"""Times calls, by one caller or by several at once, and samples the machine between them."""

from __future__ import annotations

import threading
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field

from edgebin.runtime.measure import limits
from edgebin.runtime.measure.plan import Plan

_SAMPLE_SECONDS = 0.1


@dataclass(slots=True)
class Sampler:
    """Calls a function now and then, never during a timed call of the same thread.

    Args:
        take: what to call, with the seconds since the sampler was made.
        every: seconds between two calls.
    """

    take: Callable[[float], None]
    every: float = _SAMPLE_SECONDS
    start: float = field(default_factory=time.perf_counter)
    due: float = 0.0

    def between_calls(self) -> None:
        """Take a sample if one is due."""
        passed = time.perf_counter() - self.start
        if passed >= self.due:
            self.take(passed)
            self.due = passed + self.every


def time_one(call: Callable[[], object]) -> float:
    """Return the milliseconds of one call."""
    start = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - start) / 1e6


def time_calls(call: Callable[[], object], plan: Plan, sampler: Sampler) -> list[float]:
    """Return the milliseconds of the calls that a plan asks for, by one caller.

    Without a number of calls these take at least `plan.seconds`, and are at least
    `limits.MIN_CALLS`.
    """
    times = array("d")  # a list of floats would be the growth of memory that the samples show
    limit = time.perf_counter() + plan.seconds
    while not _is_enough(len(times), plan.runs, limit):
        times.append(time_one(call))
        sampler.between_calls()
    return times.tolist()


def time_streams(call: Callable[[], object], plan: Plan, sampler: Sampler) -> list[float]:
    """Return the same for `plan.streams` callers at once; `plan.runs` is of all together."""
    streams = _Streams(call, plan)
    return streams.run(sampler)


def _is_enough(calls: int, runs: int | None, limit: float) -> bool:
    if runs is not None:
        return calls >= runs
    return calls >= limits.MIN_CALLS and time.perf_counter() >= limit


class _Streams:
    """Threads that call the same function until they have made enough calls together."""

    def __init__(self, call: Callable[[], object], plan: Plan) -> None:
        self._call = call
        self._plan = plan
        self._lock = threading.Lock()
        self._started = 0
        self._limit = 0.0
        self._times = array("d")
        self._error: BaseException | None = None
        self._ready = threading.Barrier(plan.streams + 1)

    def run(self, sampler: Sampler) -> list[float]:
        threads = [
            threading.Thread(target=self._make_calls, daemon=True)
            for _ in range(self._plan.streams)
        ]
        for thread in threads:
            thread.start()
        self._limit = time.perf_counter() + self._plan.seconds
        self._ready.wait()
        for thread in threads:
            while thread.is_alive():
                thread.join(sampler.every)
                sampler.between_calls()
        if self._error is not None:
            raise self._error
        return self._times.tolist()

    def _make_calls(self) -> None:
        self._ready.wait()
        try:
            while self._take_turn():
                self._times.append(time_one(self._call))
        except BaseException as error:  # raised again by the thread that waits
            self._error = error

    def _take_turn(self) -> bool:
        """Return whether this thread shall make another call."""
        with self._lock:
            if self._error is not None or _is_enough(self._started, self._plan.runs, self._limit):
                return False
            self._started += 1
            return True
