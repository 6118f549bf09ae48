#include "ops/conv/split.h"

#include <gtest/gtest.h>

namespace edgebin {
namespace {

void expect_split(const Shares& shares, int threads, int rows, int units) {
  const Split split = best_split(shares, threads);
  EXPECT_EQ(split.rows, rows) << threads << " threads";
  EXPECT_EQ(split.units, units) << threads << " threads";
}

TEST(Split, OneThreadTakesAll) {
  expect_split({.strips = 7, .rows = 56, .units = 4, .build = 1, .multiply = 9, .rebuild = 2}, 1,
               56, 4);
}

TEST(Split, StripsThatDivideStayWhole) {
  expect_split({.strips = 4, .rows = 28, .units = 2, .build = 1, .multiply = 9, .rebuild = 2}, 2,
               28, 2);
}

// Seven strips leave one of two threads idle for the time of one; two bands are worth their price.
TEST(Split, BandsWhereStripsDoNotDivide) {
  expect_split({.strips = 7, .rows = 56, .units = 1, .build = 1, .multiply = 3, .rebuild = 2}, 2,
               28, 1);
}

// Of seven rows one thread would take four; channels divide, and build all tables twice.
TEST(Split, BlocksOfChannelsWhereRowsAreFew) {
  expect_split({.strips = 1, .rows = 7, .units = 8, .build = 1, .multiply = 20, .rebuild = 2}, 2, 7,
               4);
}

TEST(Split, BandsWhereTablesCostMoreThanProducts) {
  expect_split({.strips = 1, .rows = 8, .units = 8, .build = 20, .multiply = 1, .rebuild = 2}, 2, 4,
               8);
}

TEST(Split, TakesMoreThreadsThanThereIsWork) {
  expect_split({.strips = 1, .rows = 1, .units = 1, .build = 1, .multiply = 1, .rebuild = 0}, 8, 1,
               1);
}

}  // namespace
}  // namespace edgebin
