// The ways to run a model that differ on this machine; a verification tries all of them.
#include <algorithm>
#include <string_view>

#include "base/affinity.h"
#include "base/thread_pool.h"
#include "edgebin/model.h"
#include "kernels/conv_algo.h"
#include "kernels/dispatch.h"

namespace edgebin {
namespace {

// How work is divided depends on the number of threads. Beyond this number only doublings are
// tried, so that verification stays quick on machines with many cores.
constexpr int kEveryCountUpTo = 8;

// Ascending; the last is one more than there are cores.
std::vector<int> thread_counts() {
  const int largest = std::min(usable_core_count() + 1, ThreadPool::kMaxThreads);
  std::vector<int> counts;
  for (int count = 1; count < largest - 1; count += count < kEveryCountUpTo ? 1 : count) {
    counts.push_back(count);
  }
  counts.push_back(largest - 1);
  counts.push_back(largest);
  return counts;
}

}  // namespace

std::vector<Combination> combinations(const std::string& isa, int threads) {
  if (!isa.empty()) kernels::choose(isa);
  const std::vector<int> counts = threads == 0 ? thread_counts() : std::vector{threads};
  std::vector<Combination> result;
  for (const kernels::Kernels& kernels : kernels::available()) {
    if (!isa.empty() && isa != kernels.isa) continue;
    for (const kernels::ConvAlgo algo : conv_algos(kernels)) {
      const std::string name(name_of(algo));
      for (const int count : counts) result.push_back({kernels.isa, name, count});
    }
  }
  return result;
}

}  // namespace edgebin
