// The summary of measured times: percentiles between neighbours, and that of a single time.
#include "cli/measure/measurement.h"

#include <gtest/gtest.h>

namespace edgebin::cli {
namespace {

TEST(Summarise, PercentilesLieBetweenNeighbours) {
  const std::vector<double> times = {5, 1, 4, 2};
  const Summary found = summarise(times);
  EXPECT_DOUBLE_EQ(found.min, 1);
  EXPECT_DOUBLE_EQ(found.mean, 3);
  EXPECT_DOUBLE_EQ(found.median, 3);
  EXPECT_DOUBLE_EQ(found.p90, 4.7);
  EXPECT_DOUBLE_EQ(found.p99, 4.97);
  EXPECT_DOUBLE_EQ(found.max, 5);
  EXPECT_DOUBLE_EQ(found.iqr, 2.5);
}

TEST(Summarise, OneTimeIsAllOfThem) {
  const std::vector<double> times = {7};
  const Summary found = summarise(times);
  EXPECT_EQ(found.min, 7);
  EXPECT_EQ(found.p99, 7);
  EXPECT_EQ(found.iqr, 0);
}

TEST(WarmUp, EndsWhenTwoWindowsAgree) {
  int call = 0;
  const WarmUp found = warm_up([&] { return ++call <= 5 ? 100.0 : 10.0; });
  EXPECT_TRUE(found.stable);
  EXPECT_EQ(found.calls, call);
  EXPECT_GE(call, 15);
}

TEST(WarmUp, EndsIfTimesNeverAgree) {
  double ms = 100;
  const WarmUp found = warm_up([&] { return ms *= 1.05; });
  EXPECT_FALSE(found.stable);
}

TEST(WarmUp, HasTwoWindowsHoweverSlow) {
  EXPECT_EQ(warm_up([] { return 4000.0; }).calls, 10);
}

}  // namespace
}  // namespace edgebin::cli
