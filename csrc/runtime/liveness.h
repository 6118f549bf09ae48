// How long what the nodes make is needed: what the planner plans.
#ifndef EDGEBIN_RUNTIME_LIVENESS_H_
#define EDGEBIN_RUNTIME_LIVENESS_H_

#include <cstddef>
#include <span>
#include <vector>

#include "graph/network.h"
#include "runtime/fusion.h"
#include "runtime/planner.h"

namespace edgebin {

// A sum takes the place of what a step adds to it where nobody needs that value any more. Results
// that stay inside a stage take no room.
class Lives {
 public:
  Lives(const Graph& graph, std::span<const ValueType> types, std::span<const Stage> stages);

  // By node; times are numbers of stages.
  const std::vector<Life>& lives() const { return lives_; }

  // The node in whose place the node's result lies.
  std::size_t home_of(std::size_t node) const { return homes_[node]; }

 private:
  void lengthen(int value, int last);
  void share_sum(const Stage& stage, int at);

  int inputs_;
  std::vector<Life> lives_;
  std::vector<std::size_t> homes_;
};

}  // namespace edgebin

#endif  // EDGEBIN_RUNTIME_LIVENESS_H_
