"""The verdict, from recorded facts: nothing here measures a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from edgebin.machine import Machine
from edgebin.runtime.measure import Measurement, Plan, judge
from measurements import QUIET, QUIET_PI, measurement, times

BUSY = replace(QUIET, others_cores=3.9, load_average=16.0)


def codes(
    measured: Measurement, machine: Machine = QUIET_PI, after: Machine | None = None, **plan: Any
) -> list[str]:
    return [one.code for one in judge(replace(Plan(), **plan), measured, machine, after or machine)]


def active(**facts: Any) -> Measurement:
    return measurement(activity=replace(QUIET, **facts))


def test_a_quiet_raspberry_pi_whose_governor_follows_the_load_is_valid() -> None:
    assert codes(measurement()) == []
    assert codes(active(cpu_seconds=3.4, involuntary_switches=90), threads=4) == []


def test_a_machine_that_tells_nothing_is_valid() -> None:
    silent = Machine(None, "x86_64", 1, None, None, None, None)
    assert codes(measurement(activity=None), silent) == []


@pytest.mark.parametrize(
    ("code", "facts", "quiet"),
    [
        ("others", {"others_cores": 3.3}, {"others_cores": 3.1}),
        ("steal", {"steal_share": 0.011}, {"steal_share": 0.009}),
        ("switches", {"involuntary_switches": 101}, {"involuntary_switches": 99}),
        ("waited", {"waited_seconds": 0.11}, {"waited_seconds": 0.09}),
        ("cpu_time", {"cpu_seconds": 0.89}, {"cpu_seconds": 0.91}),
        ("core_share", {"core_share": 0.84}, {"core_share": 0.86}),
        ("cgroup_throttled", {"throttled_periods": 1}, {"throttled_periods": 0}),
        ("quota", {"cpu_quota": 0.9}, {"cpu_quota": 1.0}),
    ],
)
def test_each_limit(code: str, facts: dict[str, Any], quiet: dict[str, Any]) -> None:
    assert codes(active(**facts)) == [code]
    assert codes(active(**quiet)) == []


@pytest.mark.parametrize(("p90", "expected"), [(1.31, ["spread"]), (1.29, [])])
def test_the_90th_percentile_over_the_median(p90: float, expected: list[str]) -> None:
    run_ms = [1.0] * 80 + [p90] * 20
    assert codes(measurement(run_ms)) == expected


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"steal_share": 0.01004}, "took 1.004% of the time; at most 1%"),
        ({"steal_share": 0.0116}, "took 1.2% of the time; at most 1%"),
        ({"waited_seconds": 0.10003}, "waited 10.003% of the time for a core; at most 10%"),
        ({"core_share": 0.8499}, "the thread got 84.99% of it; at least 85%"),
        ({"cpu_seconds": 0.8999}, "CPU time is 89.99% of the wall time; at least 90%"),
        ({"involuntary_switches": 100.25}, "100.2 times a second; at most 100"),
        ({"others_cores": 3.2004}, "used 3.2004 of 4 cores beside 1 thread; at most 3.20"),
        ({"cpu_quota": 0.98}, "allows 0.98 cores, fewer than the 1 that"),
    ],
)
def test_a_number_beyond_its_limit_does_not_look_like_the_limit(
    facts: dict[str, Any], words: str
) -> None:
    (reason,) = judge(Plan(), active(**facts), QUIET_PI, QUIET_PI)
    assert words in reason.text


def test_a_spread_just_beyond_its_limit_does_not_look_like_the_limit() -> None:
    run_ms = [1.0] * 80 + [1.3004] * 20
    (reason,) = judge(Plan(), measurement(run_ms), QUIET_PI, QUIET_PI)
    assert "p90 is 1.3004 times the median; at most 1.3" in reason.text


def test_throttling_before_or_after() -> None:
    hot = replace(QUIET_PI, throttled=True)
    assert codes(measurement(), hot, QUIET_PI) == ["throttled"]
    assert codes(measurement(), QUIET_PI, hot) == ["throttled"]


def test_a_quota_that_serves_one_thread_and_not_two() -> None:
    container = replace(QUIET_PI, cpu_quota=1.5)
    assert codes(measurement(), container) == []
    assert codes(active(cpu_seconds=1.9), container, threads=2) == ["quota"]
    assert codes(active(cpu_seconds=1.9), container, streams=2) == ["quota"]


def test_a_load_average_lags_and_counts_where_others_ran() -> None:
    after_a_build = replace(QUIET_PI, load_average=9.0)
    assert codes(measurement(), after_a_build) == []
    assert codes(active(others_cores=2.0), after_a_build) == ["load"]
    assert codes(active(others_cores=None), after_a_build) == ["load"]
    assert codes(active(others_cores=2.0), replace(QUIET_PI, load_average=4.4)) == []


def test_a_busy_machine_has_the_reasons_with_numbers() -> None:
    loaded = replace(QUIET_PI, load_average=16.0)
    reasons = judge(Plan(), measurement(activity=BUSY), loaded, loaded)
    assert [one.code for one in reasons] == ["others", "load"]
    assert reasons[0].text == (
        "other programs used 3.90 of 4 cores beside 1 thread; at most 3.20 leave it undisturbed"
    )
    assert (reasons[1].value, reasons[1].limit) == (16.0, 4.5)
    assert reasons[1].text == "the load average is 16.0 on 4 cores; at most 4.5"


def test_threads_that_fill_the_machine_leave_little_to_others() -> None:
    assert codes(active(others_cores=0.3, cpu_seconds=3.9), threads=4) == ["others"]
    assert codes(active(others_cores=0.3, cpu_seconds=2.9), threads=3) == []


def test_several_threads_may_wait_for_one_another() -> None:
    assert codes(active(cpu_seconds=1.2), threads=2) == []


def test_times_that_never_were_stable() -> None:
    assert codes(measurement(stable=False)) == ["warmup"]
    assert codes(measurement(stable=None)) == [], "the number of calls was given"


def test_few_calls_make_no_percentile() -> None:
    assert codes(measurement(times(calls=19))) == ["few_calls"]
    assert codes(measurement(times(calls=20))) == []


def test_counters_of_the_kernel_are_too_coarse_for_a_moment() -> None:
    coarse = {"others_cores": 4.0, "steal_share": 0.5, "cpu_seconds": 0.0}
    assert codes(active(wall_seconds=0.01, **coarse)) == []
