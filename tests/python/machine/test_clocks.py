from __future__ import annotations

from pathlib import Path

from edgebin.machine.clocks import Clock, clocks
from machine_trees import plant, write

CPU = "sys/devices/system/cpu"


def test_one_clock_for_all_cores(tmp_path: Path) -> None:
    plant("raspberry-pi-3", tmp_path)
    cores = (0, 1, 2, 3)
    expected = Clock(cores, "cpufreq-dt", "ondemand", 600.0, 600.0, 1200.0, 600.0, 1200.0)
    assert clocks(tmp_path) == (expected,)
    assert not expected.is_fixed


def test_a_clock_for_each_cluster(tmp_path: Path) -> None:
    plant("jetson-orin-nano", tmp_path)
    found = clocks(tmp_path)
    assert [clock.cores for clock in found] == [(0, 1, 2, 3), (4, 5)]
    assert [clock.mhz for clock in found] == [1728.0, 729.6]


def test_a_limit_below_the_hardware(tmp_path: Path) -> None:
    plant("jetson-nano", tmp_path)
    (clock,) = clocks(tmp_path)
    assert (clock.highest_mhz, clock.possible_highest_mhz) == (918.0, 1479.0)


def test_without_policies_each_core_tells(tmp_path: Path) -> None:
    for core in (0, 1):
        write(tmp_path / f"{CPU}/cpu{core}/cpufreq/scaling_governor", "performance\n")
        write(tmp_path / f"{CPU}/cpu{core}/cpufreq/scaling_min_freq", "900000\n")
        write(tmp_path / f"{CPU}/cpu{core}/cpufreq/scaling_max_freq", "900000\n")
    found = clocks(tmp_path)
    assert [clock.cores for clock in found] == [(0,), (1,)]
    assert all(clock.is_fixed for clock in found)


def test_an_empty_tree_tells_nothing(tmp_path: Path) -> None:
    assert clocks(tmp_path) == ()
    (tmp_path / f"{CPU}/cpufreq/policy0").mkdir(parents=True)
    assert clocks(tmp_path) == ()
