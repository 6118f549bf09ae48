// The verdict, from recorded facts; tests/python/runtime/measure/test_verdict.py has the same
// limits.
#include "cli/measure/verdict.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace edgebin::cli {
namespace {

// A quiet Raspberry Pi whose governor follows the load.
Machine quiet_machine() {
  Machine machine;
  machine.cores = 4;
  machine.governor = "ondemand";
  machine.throttled = false;
  machine.load_average = 0.2;
  return machine;
}

Measurement quiet_measurement() {
  Measurement measurement;
  measurement.run_ms.assign(100, 1.0);
  measurement.stable = true;
  Activity& activity = measurement.activity;
  activity.wall_seconds = 1;
  activity.cpu_seconds = 0.985;
  activity.involuntary_switches = 25;
  activity.waited_seconds = 0.006;
  activity.machine_cores = 4;
  activity.others_cores = 0.05;
  activity.steal_share = 0;
  activity.throttled_periods = 0;
  return measurement;
}

std::vector<std::string> codes(const Measurement& measurement,
                               const Machine& machine = quiet_machine(), int threads = 1) {
  std::vector<std::string> found;
  for (const Reason& reason : judge(threads, measurement, machine, machine)) {
    found.push_back(reason.code);
  }
  return found;
}

using Codes = std::vector<std::string>;

TEST(Verdict, AQuietBoardIsValid) {
  EXPECT_EQ(codes(quiet_measurement()), Codes());
  Measurement silent;
  silent.run_ms.assign(20, 1.0);
  EXPECT_EQ(codes(silent, Machine()), Codes());
}

TEST(Verdict, ANumberBeyondItsLimitDoesNotLookLikeTheLimit) {
  const auto text = [](const Measurement& measurement) {
    return judge(1, measurement, quiet_machine(), quiet_machine()).at(0).text;
  };
  Measurement stolen = quiet_measurement();
  stolen.activity.steal_share = 0.01004;
  EXPECT_EQ(text(stolen), "the hypervisor took 1.004% of the time; at most 1%");
  Measurement interrupted = quiet_measurement();
  interrupted.activity.cpu_seconds = 0.8999;
  EXPECT_EQ(text(interrupted), "CPU time is 89.99% of the wall time; at least 90%");
  Measurement spread = quiet_measurement();
  std::fill(spread.run_ms.begin() + 80, spread.run_ms.end(), 1.3004);
  EXPECT_EQ(text(spread), "p90 is 1.3004 times the median; at most 1.3");
}

TEST(Verdict, EachLimit) {
  Measurement busy = quiet_measurement();
  busy.activity.others_cores = 3.3;
  EXPECT_EQ(codes(busy), Codes{"others"});
  Measurement stolen = quiet_measurement();
  stolen.activity.steal_share = 0.011;
  EXPECT_EQ(codes(stolen), Codes{"steal"});
  Measurement switched = quiet_measurement();
  switched.activity.involuntary_switches = 101;
  EXPECT_EQ(codes(switched), Codes{"switches"});
  Measurement waiting = quiet_measurement();
  waiting.activity.waited_seconds = 0.11;
  EXPECT_EQ(codes(waiting), Codes{"waited"});
  Measurement interrupted = quiet_measurement();
  interrupted.activity.cpu_seconds = 0.89;
  EXPECT_EQ(codes(interrupted), Codes{"cpu_time"});
  EXPECT_EQ(codes(interrupted, quiet_machine(), 2), Codes());
  Measurement stopped = quiet_measurement();
  stopped.activity.throttled_periods = 1;
  EXPECT_EQ(codes(stopped), Codes{"cgroup_throttled"});
  Measurement unstable = quiet_measurement();
  unstable.stable = false;
  EXPECT_EQ(codes(unstable), Codes{"warmup"});
  Measurement few = quiet_measurement();
  few.run_ms.resize(19);
  EXPECT_EQ(codes(few), Codes{"few_calls"});
  Measurement shared = quiet_measurement();
  shared.activity.core_share = 0.84;
  EXPECT_EQ(codes(shared), Codes{"core_share"});
  shared.activity.core_share = 0.86;
  EXPECT_EQ(codes(shared), Codes());
  Measurement spread = quiet_measurement();
  std::fill(spread.run_ms.begin() + 80, spread.run_ms.end(), 1.31);
  EXPECT_EQ(codes(spread), Codes{"spread"});
}

TEST(Verdict, WhatTheMachineSays) {
  Machine hot = quiet_machine();
  hot.throttled = true;
  EXPECT_EQ(codes(quiet_measurement(), hot), Codes{"throttled"});
  Machine container = quiet_machine();
  container.cpu_quota = 0.5;
  EXPECT_EQ(codes(quiet_measurement(), container), Codes{"quota"});
}

TEST(Verdict, ALoadAverageCountsWhereOthersRan) {
  Machine loaded = quiet_machine();
  loaded.load_average = 16;
  EXPECT_EQ(codes(quiet_measurement(), loaded), Codes());
  Measurement beside = quiet_measurement();
  beside.activity.others_cores = 2;
  const auto reasons = judge(1, beside, loaded, loaded);
  ASSERT_EQ(reasons.size(), 1u);
  EXPECT_EQ(reasons[0].text, "the load average is 16.0 on 4 cores; at most 4.5");
  EXPECT_EQ(reasons[0].limit, 4.5);
}

}  // namespace
}  // namespace edgebin::cli
