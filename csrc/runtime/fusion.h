// Operator fusion: which nodes of a graph run as one step. A convolution (or linear layer) absorbs
// the per-pixel operators behind it as post-ops: the addition of a residual and the quantization. A
// convolution that reads the input image also absorbs the max pool behind it.
#ifndef EDGEBIN_RUNTIME_FUSION_H_
#define EDGEBIN_RUNTIME_FUSION_H_

#include <span>
#include <vector>

#include "graph/network.h"
#include "ops/op.h"

namespace edgebin {

// Values are numbered as in the graph.
struct FusedStep {
  std::vector<int> nodes;    // the node that is prepared as a Step, then its post-ops
  std::vector<int> inputs;   // values that the step reads
  std::vector<int> outputs;  // values that the step writes to the arena
  PostOps post_ops;
};

// Returns all nodes, grouped into steps, in an order in which they can run. `types` holds the type
// of every value. Post-ops point into the graph.
std::vector<FusedStep> fuse(const Graph& graph, std::span<const ValueType> types);

}  // namespace edgebin

#endif  // EDGEBIN_RUNTIME_FUSION_H_
