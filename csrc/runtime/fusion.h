// Which nodes run as one step. A convolution (or linear) takes along what follows it pixel by
// pixel, the sum with a residual and the quantizing; that of a picture also the pool behind it.
#ifndef EDGEBIN_RUNTIME_FUSION_H_
#define EDGEBIN_RUNTIME_FUSION_H_

#include <span>
#include <vector>

#include "graph/network.h"
#include "ops/op.h"

namespace edgebin {

// Values are numbered as in the graph.
struct Stage {
  std::vector<int> nodes;    // the one that gives the step, then its post-ops
  std::vector<int> inputs;   // of the step
  std::vector<int> outputs;  // likewise
  PostOps post_ops;
};

// All nodes in an order in which they can run. `types` are those of all values; post-ops point into
// the graph.
std::vector<Stage> stages_of(const Graph& graph, std::span<const ValueType> types);

}  // namespace edgebin

#endif  // EDGEBIN_RUNTIME_FUSION_H_
