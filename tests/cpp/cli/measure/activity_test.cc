// What happened between two moments, from files that imitate /proc.
#include "cli/measure/activity.h"

#include <gtest/gtest.h>

#include "cli/measure/file_tree.h"

namespace edgebin::cli {
namespace {

using ActivityTest = FileTreeTest;

TEST_F(ActivityTest, TheTimeOfAllCores) {
  put("proc/stat", "cpu  1000 200 300 8000 50 10 40 30 500 0\ncpu0 1\ncpu1 1\nintr 5\n");
  const auto found = processor_time(root());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->cores, 2);
  EXPECT_DOUBLE_EQ(found->busy, 15.5);
  EXPECT_DOUBLE_EQ(found->idle, 80.5);
  EXPECT_DOUBLE_EQ(found->steal, 0.3);
  put("proc/stat", "cpu  1 x 3 4 5 6\ncpu0 1\n");
  EXPECT_FALSE(processor_time(root()));
  EXPECT_FALSE(processor_time(root() + "none/"));
}

TEST_F(ActivityTest, LoadAndMemory) {
  put("proc/loadavg", "16.04 9.37 4.00 17/130 28576\n");
  EXPECT_EQ(load_average(root()), 16.04);
  put("proc/loadavg", "nan 1 2\n");
  EXPECT_FALSE(load_average(root()));
  put("proc/self/statm", "2000 300 200\n");
  EXPECT_EQ(resident_memory(root()), 300u * static_cast<unsigned>(::sysconf(_SC_PAGESIZE)));
}

TEST_F(ActivityTest, EachThreadThatWaitedCountsOnce) {
  put("proc/self/schedstat", "100 900000000 3\n");
  put("proc/self/task/17/schedstat", "100 900000000 3\n");
  put("proc/self/task/18/schedstat", "100 600000000 3\n");
  EXPECT_DOUBLE_EQ(moment_before(root()).waited_seconds.value(), 1.5);
}

TEST_F(ActivityTest, TheCoresOfThreadsThatRun) {
  const auto stat = [](const std::string& name, const std::string& state, const std::string& core) {
    std::string line = "7 (" + name + ") " + state;
    for (int i = 0; i < 35; ++i) line += " 0";
    return line + " " + core + " 0\n";
  };
  put("proc/self/task/7/stat", stat("a) R 9 (", "R", "3"));
  put("proc/self/task/8/stat", stat("pool", "S", "1"));
  put("proc/self/task/9/stat", stat("pool", "R", "x"));
  put("proc/self/task/10/stat", "10 (short) R 0\n");
  EXPECT_EQ(cores_in_use(root()), std::set<int>{3});
  EXPECT_TRUE(cores_in_use(root() + "none/").empty());
}

TEST(Activity, IsTheDifferenceOfTwoMoments) {
  Moment before;
  before.seconds = 10;
  before.cpu_seconds = 1;
  before.involuntary_switches = 5;
  before.processor = ProcessorTime{4, 100, 50, 2};
  before.group.throttled_periods = 3;
  before.load_average = 0.5;
  Moment after = before;
  after.seconds = 12;
  after.cpu_seconds = 3;
  after.involuntary_switches = 25;
  after.processor = ProcessorTime{4, 105, 52, 3};
  after.group.throttled_periods = 4;
  after.load_average = 0.75;
  const Activity found = activity_between(before, after, "/none/");
  EXPECT_EQ(found.wall_seconds, 2);
  EXPECT_EQ(found.cpu_seconds, 2);
  EXPECT_EQ(found.involuntary_switches, 20);
  EXPECT_EQ(found.machine_cores, 4);
  EXPECT_EQ(found.others_cores, 1.5);
  EXPECT_EQ(found.steal_share, 0.125);
  EXPECT_EQ(found.throttled_periods, 1);
  EXPECT_EQ(found.load_average, 0.75);
  EXPECT_FALSE(found.waited_seconds || found.throttled_seconds || found.clock_mhz);
}

}  // namespace
}  // namespace edgebin::cli
