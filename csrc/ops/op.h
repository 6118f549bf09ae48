// What an operator is to the rest of the core: a name, type inference with every check that a file
// needs, and preparation into a step that runs. An operator knows nothing of files, of the arena
// or of its neighbours.
#ifndef EDGEBIN_OPS_OP_H_
#define EDGEBIN_OPS_OP_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "base/bits.h"
#include "base/thread_pool.h"
#include "graph/network.h"
#include "kernels/conv_algo.h"
#include "kernels/kernels.h"

namespace edgebin {

// Nodes that a step takes along behind its own: what they do to its f32 result while it is at hand.
struct Tail {
  const Node* pool = nullptr;      // `max_pool`: of the result of a u8 input; nothing is added then
  bool adds = false;               // `add`: a second input of the step is added
  const Node* quantize = nullptr;  // `quantize`: codes of what there is then are an output
  bool keeps = true;               // so is what there is then itself, as the first
};

// A node, the types of its own inputs, its tail, the Step::kernel() that is wished for it, if any
// (a kernel that cannot serve the node is not taken), and else the algorithm of convolutions of
// codes and bits where both suit.
struct NodeView {
  const Node& node;
  std::span<const ValueType> inputs;
  Tail tail = {};
  std::string_view kernel;
  kernels::ConvAlgo conv_algo = kernels::ConvAlgo::kLookup;
};

// Where a step works, laid out as ops/layout.h says. Every part but a graph's input starts at a
// multiple of 64 bytes; outputs and scratch hold garbage beforehand. What a tail adds may lie where
// the first output does; other parts share no byte.
struct Buffers {
  std::span<const std::span<const std::byte>> inputs;
  std::span<const std::span<std::byte>> outputs;
  std::span<std::byte> scratch;  // scratch_bytes() for each thread of the pool
};

// A node prepared for one implementation of the kernels: immutable, shared by all sessions.
class Step {
 public:
  virtual ~Step() = default;

  // What computes the sums, of a convolution or linear; empty otherwise.
  virtual std::string_view kernel() const noexcept { return {}; }

  // Scratch of one worker; a multiple of 64.
  virtual Bytes scratch_bytes() const noexcept { return 0; }

  // One picture. The result is the same for every number of threads.
  virtual void run(const Buffers& buffers, ThreadPool& pool) const noexcept = 0;
};

struct Op {
  std::string_view name;  // as in FORMAT.md

  // Type of the node's output. Throws Error(kModelFile) for whatever FORMAT.md does not allow.
  ValueType (*infer)(const NodeView& view);

  // For a node that `infer` accepted. Copies what it needs of the constants; `kernels` outlives it.
  std::unique_ptr<const Step> (*prepare)(const NodeView& view, const kernels::Kernels& kernels);

  // Whether steps of f32 results take a tail.
  bool takes_tail = false;

  // For a node that `infer` accepted: what its step may keep, on any machine, that is out of
  // proportion to the constants' bytes. Null where nothing is.
  Bytes (*packed_bytes)(const NodeView& view) = nullptr;
};

// All operators, sorted by name.
std::span<const Op> operators();

// Throws Error(kModelFile) if there is no operator of that name.
const Op& operator_of(const Node& node);

}  // namespace edgebin

#endif  // EDGEBIN_OPS_OP_H_
