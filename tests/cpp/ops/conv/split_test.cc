// How a convolution is split among threads: column tiles, bands of rows, blocks of channels.
#include "ops/conv/split.h"

#include <gtest/gtest.h>

namespace edgebin {
namespace {

void expect_split(const SplitWork& work, int threads, int rows, int units) {
  const Split split = best_split(work, threads);
  EXPECT_EQ(split.rows, rows) << threads << " threads";
  EXPECT_EQ(split.units, units) << threads << " threads";
}

TEST(Split, OneThreadTakesAll) {
  expect_split({.column_tiles = 7, .rows = 56, .units = 4, .build = 1, .multiply = 9, .rebuild = 2},
               1, 56, 4);
}

TEST(Split, ColumnTilesThatDivideStayWhole) {
  expect_split({.column_tiles = 4, .rows = 28, .units = 2, .build = 1, .multiply = 9, .rebuild = 2},
               2, 28, 2);
}

// Seven column tiles leave one of two threads idle for the time of one; two bands are worth their
// cost.
TEST(Split, BandsWhereColumnTilesDoNotDivide) {
  expect_split({.column_tiles = 7, .rows = 56, .units = 1, .build = 1, .multiply = 3, .rebuild = 2},
               2, 28, 1);
}

// Of seven rows one thread would get four. Channels divide evenly, but build all tables twice.
TEST(Split, BlocksOfChannelsWhereRowsAreFew) {
  expect_split({.column_tiles = 1, .rows = 7, .units = 8, .build = 1, .multiply = 20, .rebuild = 2},
               2, 7, 4);
}

TEST(Split, BandsWhereTablesCostMoreThanProducts) {
  expect_split({.column_tiles = 1, .rows = 8, .units = 8, .build = 20, .multiply = 1, .rebuild = 2},
               2, 4, 8);
}

TEST(Split, AllowsMoreThreadsThanThereIsWork) {
  expect_split({.column_tiles = 1, .rows = 1, .units = 1, .build = 1, .multiply = 1, .rebuild = 0},
               8, 1, 1);
}

}  // namespace
}  // namespace edgebin
