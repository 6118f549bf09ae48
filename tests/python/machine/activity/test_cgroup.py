from __future__ import annotations

from pathlib import Path

import pytest

from edgebin.machine.activity.cgroup import ControlGroup, control_group
from machine_trees import write

MOUNT = "sys/fs/cgroup"
UNLIMITED = ControlGroup(None, None, None, None)


def test_version_2_takes_the_tightest_limit_on_the_way_up(tmp_path: Path) -> None:
    write(tmp_path / "proc/self/cgroup", "0::/user.slice/job.scope\n")
    write(tmp_path / f"{MOUNT}/user.slice/job.scope/cpu.max", "200000 100000\n")
    write(tmp_path / f"{MOUNT}/user.slice/job.scope/memory.max", "max\n")
    write(
        tmp_path / f"{MOUNT}/user.slice/job.scope/cpu.stat",
        "usage_usec 9\nnr_periods 50\nnr_throttled 3\nthrottled_usec 250000\n",
    )
    write(tmp_path / f"{MOUNT}/user.slice/cpu.max", "50000 100000\n")
    write(tmp_path / f"{MOUNT}/user.slice/memory.max", "536870912\n")
    write(tmp_path / f"{MOUNT}/user.slice/cpu.stat", "nr_throttled 1\nthrottled_usec 50000\n")
    found = control_group(tmp_path)
    assert (found.cpu_quota, found.memory_limit) == (0.5, 536870912)
    assert found.throttled_periods == 4
    assert found.throttled_seconds == pytest.approx(0.3)


def test_version_1_has_a_hierarchy_for_each_controller(tmp_path: Path) -> None:
    write(
        tmp_path / "proc/self/cgroup",
        "12:memory:/box\n4:cpu,cpuacct:/box\n1:name=systemd:/box\n0::/other\n",
    )
    write(tmp_path / f"{MOUNT}/cpu,cpuacct/box/cpu.cfs_quota_us", "150000\n")
    write(tmp_path / f"{MOUNT}/cpu,cpuacct/box/cpu.cfs_period_us", "100000\n")
    write(tmp_path / f"{MOUNT}/cpu,cpuacct/cpu.cfs_quota_us", "-1\n")
    write(tmp_path / f"{MOUNT}/cpu,cpuacct/cpu.cfs_period_us", "100000\n")
    write(
        tmp_path / f"{MOUNT}/cpu,cpuacct/box/cpu.stat",
        "nr_periods 9\nnr_throttled 2\nthrottled_time 1500000000\n",
    )
    write(tmp_path / f"{MOUNT}/memory/box/memory.limit_in_bytes", "9223372036854771712\n")
    write(tmp_path / f"{MOUNT}/memory/memory.limit_in_bytes", "268435456\n")
    assert control_group(tmp_path) == ControlGroup(1.5, 268435456, 2, 1.5)


def test_a_container_whose_path_is_the_hosts(tmp_path: Path) -> None:
    """Docker with version 1: the path is of the host, the mount is the container's own group."""
    write(tmp_path / "proc/self/cgroup", "4:cpu:/docker/1f2e\n5:memory:/docker/1f2e\n")
    write(tmp_path / f"{MOUNT}/cpu/cpu.cfs_quota_us", "50000\n")
    write(tmp_path / f"{MOUNT}/cpu/cpu.cfs_period_us", "100000\n")
    write(tmp_path / f"{MOUNT}/memory/memory.limit_in_bytes", "134217728\n")
    assert control_group(tmp_path) == ControlGroup(0.5, 134217728, None, None)


def test_a_path_never_leaves_the_mount(tmp_path: Path) -> None:
    write(tmp_path / "proc/self/cgroup", "0::/../../..\n")
    write(tmp_path / "cpu.max", "1 100000\n")
    write(tmp_path / f"{MOUNT}/cpu.max", "100000 100000\n")
    assert control_group(tmp_path).cpu_quota == 1.0


@pytest.mark.parametrize("quota", ["max 100000", "0 100000", "5", "a b", "100000 0", "-1 100000"])
def test_what_is_no_limit(quota: str, tmp_path: Path) -> None:
    assert control_group(tmp_path) == UNLIMITED
    write(tmp_path / "proc/self/cgroup", "0::/\nnonsense\n")
    write(tmp_path / f"{MOUNT}/cpu.max", f"{quota}\n")
    write(tmp_path / f"{MOUNT}/memory.max", "-5\n")
    write(tmp_path / f"{MOUNT}/cpu.stat", "nr_throttled lots\nthrottled_usec\n")
    assert control_group(tmp_path) == UNLIMITED
