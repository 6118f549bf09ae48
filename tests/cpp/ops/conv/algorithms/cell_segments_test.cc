// Segments of the cells of a fused max pool against a look at every cell.
#include "ops/conv/algorithms/cell_segments.h"

#include <gtest/gtest.h>

namespace edgebin {
namespace {

// A convolution of `size` columns, and a pool over its result.
void expect_segments(const Axis& convolution, const Axis& pool, int size) {
  const int width = convolution.output(size);
  const BorderClasses classes(convolution, size);
  const PoolAxis cells = PoolAxis::of_window(pool, width);
  int next = 0;
  for (const CellSegment& segment : list_segments(cells, classes, width)) {
    EXPECT_EQ(segment.begin, next);
    next = segment.end;
    for (int i = segment.begin; i < segment.end; ++i) {
      EXPECT_EQ(segment.shares_class, shares_class(classes, cells.reach(i))) << "cell " << i;
      if (!segment.shares_class) continue;
      const int first = cells.reach(segment.begin).begin;
      EXPECT_EQ(classes.class_at(cells.reach(i).begin), classes.class_at(first)) << "cell " << i;
      EXPECT_LE(first + i - segment.begin, classes.end_of(classes.class_at(first)) - 1);
    }
  }
  EXPECT_EQ(next, cells.cells());
}

TEST(CellSegments, AreThoseOfALookAtEveryCell) {
  for (const int kernel : {1, 3, 7}) {
    for (const int stride : {1, 2}) {
      for (const int padding : {0, 1, 3}) {
        for (const int pool_kernel : {1, 2, 3}) {
          for (const int pool_stride : {1, 2, 3}) {
            for (const int dilation : {1, 4}) {
              const Axis convolution = {kernel, stride, 1, padding, padding};
              const int extent = dilation * (pool_kernel - 1) + 1;
              const Axis pool = {pool_kernel, pool_stride, dilation, extent - 1, extent - 1};
              for (int size = kernel; size < 24; ++size) expect_segments(convolution, pool, size);
            }
          }
        }
      }
    }
  }
}

TEST(CellSegments, CellsWithoutPositionsShareNoClass) {
  const BorderClasses one_class;
  EXPECT_FALSE(shares_class(one_class, {0, 0, 1}));
  EXPECT_TRUE(shares_class(one_class, {0, 3, 1}));
}

}  // namespace
}  // namespace edgebin
