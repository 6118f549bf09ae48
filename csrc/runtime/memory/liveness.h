// Liveness analysis: from which step to which each value is needed. The planner turns
// the live ranges into offsets in the arena.
#ifndef EDGEBIN_RUNTIME_MEMORY_LIVENESS_H_
#define EDGEBIN_RUNTIME_MEMORY_LIVENESS_H_

#include <cstddef>
#include <span>
#include <vector>

#include "graph/network.h"
#include "runtime/fusion.h"
#include "runtime/memory/planner.h"

namespace edgebin {

// A residual addition is done in place where nothing reads the added value afterwards: the sum then
// shares its storage. Results that never leave a fused step need no storage at all, and neither do
// the graph's inputs, except those that a session copies.
class Liveness {
 public:
  Liveness(const Graph& graph, std::span<const ValueType> types, std::span<const FusedStep> steps);

  // By value; the times are indices of steps.
  const std::vector<LiveRange>& ranges() const { return ranges_; }

  // The value whose storage holds `value`: itself, or the one whose storage it shares.
  std::size_t storage_of(std::size_t value) const { return storage_[value]; }

 private:
  void share_storage_of_sum(const FusedStep& step, int index);

  int inputs_;
  std::vector<LiveRange> ranges_;
  std::vector<std::size_t> storage_;
};

}  // namespace edgebin

#endif  // EDGEBIN_RUNTIME_MEMORY_LIVENESS_H_
