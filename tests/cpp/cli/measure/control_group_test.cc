// The limits of control groups, from files that imitate those of version 1, version 2 and
// containers; tests/python/machine/activity has the same cases.
#include "cli/measure/control_group.h"

#include <gtest/gtest.h>

#include "cli/measure/file_tree.h"

namespace edgebin::cli {
namespace {

using ControlGroupTest = FileTreeTest;

TEST_F(ControlGroupTest, Version2TakesTheTightestLimitOnTheWayUp) {
  put("proc/self/cgroup", "0::/user.slice/job.scope\n");
  put("sys/fs/cgroup/user.slice/job.scope/cpu.max", "200000 100000\n");
  put("sys/fs/cgroup/user.slice/job.scope/memory.max", "max\n");
  put("sys/fs/cgroup/user.slice/job.scope/cpu.stat", "nr_throttled 3\nthrottled_usec 250000\n");
  put("sys/fs/cgroup/user.slice/cpu.max", "50000 100000\n");
  put("sys/fs/cgroup/user.slice/memory.max", "536870912\n");
  put("sys/fs/cgroup/user.slice/cpu.stat", "nr_throttled 1\nthrottled_usec 50000\n");
  const ControlGroup found = read_control_group(root());
  EXPECT_EQ(found.cpu_quota, 0.5);
  EXPECT_EQ(found.memory_limit_bytes, 536870912);
  EXPECT_EQ(found.throttled_periods, 4);
  EXPECT_DOUBLE_EQ(found.throttled_seconds.value(), 0.3);
}

TEST_F(ControlGroupTest, Version1HasAHierarchyForEachController) {
  put("proc/self/cgroup", "12:memory:/box\n4:cpu,cpuacct:/box\n0::/other\n");
  put("sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us", "150000\n");
  put("sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_period_us", "100000\n");
  put("sys/fs/cgroup/cpu,cpuacct/box/cpu.stat", "nr_throttled 2\nthrottled_time 1500000000\n");
  put("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "9223372036854771712\n");
  put("sys/fs/cgroup/memory/memory.limit_in_bytes", "268435456\n");
  const ControlGroup found = read_control_group(root());
  EXPECT_EQ(found.cpu_quota, 1.5);
  EXPECT_EQ(found.memory_limit_bytes, 268435456);
  EXPECT_EQ(found.throttled_periods, 2);
  EXPECT_EQ(found.throttled_seconds, 1.5);
}

// Docker with version 1: the path is of the host, the mount is the container's own group.
TEST_F(ControlGroupTest, AContainerWhosePathIsTheHosts) {
  put("proc/self/cgroup", "4:cpu:/docker/1f2e\n");
  put("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "50000\n");
  put("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(read_control_group(root()).cpu_quota, 0.5);
}

TEST_F(ControlGroupTest, GarbageIsNoLimit) {
  put("proc/self/cgroup", "0::/../..\nnonsense\n7\n");
  put("sys/fs/cgroup/cpu.max", "max 100000\n");
  put("sys/fs/cgroup/memory.max", "-5\n");
  put("sys/fs/cgroup/cpu.stat", "nr_throttled lots\nthrottled_usec\n");
  const ControlGroup found = read_control_group(root());
  EXPECT_FALSE(found.cpu_quota || found.memory_limit_bytes || found.throttled_periods);
}

}  // namespace
}  // namespace edgebin::cli
