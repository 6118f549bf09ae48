// What PoolAxis computes without a look at every cell, against a look at every cell.
#include "ops/pool/cells.h"

#include <gtest/gtest.h>

namespace edgebin {
namespace {

int max_count_of(const PoolAxis& axis) {
  int maximum = 0;
  for (int i = 0; i < axis.cells(); ++i) maximum = std::max(maximum, axis.reach(i).count());
  return maximum;
}

int max_span_count_of(const PoolAxis& axis) {
  int maximum = 0;
  for (int i = 0; i < axis.cells(); ++i) maximum = std::max(maximum, axis.span(i).count());
  return maximum;
}

TEST(PoolAxis, LargestCellOfAdaptivePools) {
  for (int size = 1; size < 40; ++size) {
    for (int cells = 1; cells < 50; ++cells) {
      const PoolAxis axis = PoolAxis::of_cells(cells, size);
      EXPECT_EQ(axis.max_count(), max_count_of(axis)) << size << " in " << cells;
    }
  }
}

void expect_windows(const Axis& window, int size) {
  const PoolAxis axis = PoolAxis::of_window(window, size);
  EXPECT_EQ(axis.max_count(), max_count_of(axis));
  EXPECT_EQ(axis.max_span_count(), max_span_count_of(axis));
  for (const auto& [begin, end] : {std::pair(0, size), std::pair(1, size - 1), std::pair(2, 5)}) {
    const Interior within = axis.within(begin, end);
    for (int i = 0; i < axis.cells(); ++i) {
      const int first = window.start(i);
      const bool inside =
          first >= std::max(begin, 0) && first + window.extent() <= std::min(end, size);
      EXPECT_EQ(within.begin <= i && i < within.end, inside) << i << " of " << size;
    }
  }
}

TEST(PoolAxis, LargestWindowsAndThoseWithinARange) {
  for (const int kernel : {1, 2, 3, 6}) {
    for (const int stride : {1, 2, 5}) {
      for (const int dilation : {1, 3}) {
        for (const int before : {0, 1, 4}) {
          for (const int after : {0, 2}) {
            for (int size = 1; size < 30; ++size) {
              const Axis window = {kernel, stride, dilation, before, after};
              if (std::max(before, after) >= window.extent()) continue;
              if (window.output(size) > 0) expect_windows(window, size);
            }
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace edgebin
