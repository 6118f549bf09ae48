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
}

TEST(Summarise, OneTimeIsAllOfThem) {
  const std::vector<double> times = {7};
  const Summary found = summarise(times);
  EXPECT_EQ(found.min, 7);
  EXPECT_EQ(found.p99, 7);
}

}  // namespace
}  // namespace edgebin::cli
