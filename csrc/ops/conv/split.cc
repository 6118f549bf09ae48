#include "ops/conv/split.h"

#include <algorithm>
#include <limits>

#include "base/bits.h"

namespace edgebin {
namespace {

constexpr int kMaxPerThread = 4;  // bands, or blocks; more would gain little

}  // namespace

Split best_split(const SplitWork& work, int threads) noexcept {
  Split best = {work.rows, work.units};
  if (threads == 1) return best;
  double lowest = std::numeric_limits<double>::infinity();
  const int max_parts = kMaxPerThread * threads;
  for (int blocks = 1; blocks <= std::min(work.units, max_parts); ++blocks) {
    const int units = ceil_div(work.units, blocks);
    if (ceil_div(work.units, units) < blocks) continue;  // the same as with fewer blocks
    for (int bands = 1; bands <= std::min(work.rows, max_parts); ++bands) {
      const int rows = ceil_div(work.rows, bands);
      if (ceil_div(work.rows, rows) < bands) continue;
      const double task = rows * (work.build + work.multiply * units / work.units) +
                          (bands > 1 ? work.rebuild : 0.0);
      const double cost = task * ceil_div(work.column_tiles * bands * blocks, threads);
      if (cost >= lowest) continue;
      lowest = cost;
      best = {rows, units};
    }
  }
  return best;
}

}  // namespace edgebin
