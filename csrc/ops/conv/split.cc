#include "ops/conv/split.h"

#include <algorithm>
#include <limits>

#include "base/bits.h"

namespace edgebin {
namespace {

constexpr int kMostPerThread = 4;  // bands, or blocks: more would gain little

}  // namespace

Split best_split(const Shares& shares, int threads) noexcept {
  Split best = {shares.rows, shares.units};
  if (threads == 1) return best;
  double least = std::numeric_limits<double>::infinity();
  const int most = kMostPerThread * threads;
  for (int blocks = 1; blocks <= std::min(shares.units, most); ++blocks) {
    const int units = ceil_div(shares.units, blocks);
    if (ceil_div(shares.units, units) < blocks) continue;  // the same as fewer
    for (int bands = 1; bands <= std::min(shares.rows, most); ++bands) {
      const int rows = ceil_div(shares.rows, bands);
      if (ceil_div(shares.rows, rows) < bands) continue;
      const double task = rows * (shares.build + shares.multiply * units / shares.units) +
                          (bands > 1 ? shares.rebuild : 0.0);
      const double cost = task * ceil_div(shares.strips * bands * blocks, threads);
      if (cost >= least) continue;
      least = cost;
      best = {rows, units};
    }
  }
  return best;
}

}  // namespace edgebin
