// What an operator is to the rest of the core: a name, the facts that callers decide by, type
// inference with every check that a file needs, and preparation into a step that runs. An operator
// knows nothing of files, of the arena or of neighbouring nodes.
#ifndef EDGEBIN_OPS_OP_H_
#define EDGEBIN_OPS_OP_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/bits.h"
#include "base/thread_pool.h"
#include "graph/network.h"
#include "kernels/conv_algo.h"
#include "kernels/kernels.h"

namespace edgebin {

// Nodes fused behind a convolution or linear layer. They run on a part of its f32 result while that
// part is in the cache, in this order: max_pool or add, then quantize.
struct PostOps {
  const Node* max_pool = nullptr;  // only of a convolution of u8, and then without `add`
  bool add = false;                // adds the step's second input
  const Node* quantize = nullptr;  // its codes are the step's last output
  bool f32_output = true;          // the f32 result itself is the step's first output
};

// A node, the types of its inputs, and how it is to be prepared.
struct NodeView {
  const Node& node;
  std::span<const ValueType> inputs;
  PostOps post_ops = {};
  std::string_view kernel;  // requested Step::kernel(), unless it cannot serve the node
  kernels::ConvAlgo conv_algo = kernels::ConvAlgo::kMatrixTiles;  // else, or the next that suits
  std::uint32_t version = 3;                                      // of the file
};

// Memory that a step works on, laid out as ops/layout.h says. Every span but a graph input starts
// at a multiple of 64 bytes; outputs and scratch are uninitialised. What a post-op adds may lie
// where the first output does; no other spans overlap.
struct Buffers {
  std::span<const std::span<const std::byte>> inputs;
  std::span<const std::span<std::byte>> outputs;
  std::span<std::byte> scratch;  // scratch_bytes() for each thread of the pool
};

// A node prepared for one implementation of the kernels: immutable, shared by all sessions.
class Step {
 public:
  virtual ~Step() = default;

  // What computes the sums of a convolution or linear layer; empty for other operators.
  virtual std::string_view kernel() const noexcept { return {}; }

  // Scratch of one worker; a multiple of 64.
  virtual Bytes scratch_bytes() const noexcept { return 0; }

  // Runs on one image. The result is the same for every number of threads.
  virtual void run(const Buffers& buffers, ThreadPool& pool) const noexcept = 0;
};

// A member that every initializer has to give: an operator that leaves one out does not compile.
template <class T>
class Required {
 public:
  constexpr Required(T value) noexcept : value_(value) {}   // NOLINT(google-explicit-constructor)
  constexpr operator T() const noexcept { return value_; }  // NOLINT(google-explicit-constructor)

 private:
  T value_;
};

// Returns the type of the node's output. Throws Error(kModelFile) for whatever FORMAT.md does not
// allow.
using InferFn = ValueType (*)(const NodeView& view);

// Prepares a node that InferFn accepted. Copies what the step needs of the node's constants;
// `kernels` outlives the step.
using PrepareFn = std::unique_ptr<const Step> (*)(const NodeView& view,
                                                  const kernels::Kernels& kernels);

// Returns an upper bound, the same on every machine, of the bytes that the step of a node that
// InferFn accepted keeps of the node's constants.
using PackedSizeBoundFn = Bytes (*)(const NodeView& view);

// For steps that keep no more of the constants than a small multiple of their bytes in the file.
inline constexpr PackedSizeBoundFn kPackedLikeTheFile = nullptr;

// What an operator does with the elements that it reads. Callers decide by what follows from it, so
// that no list of operators stands anywhere else.
enum class Family : std::uint8_t {
  kProduct,        // sums of inputs times weights, then an epilogue
  kMaximum,        // the maximum of several positions, in each channel
  kRearrangement,  // the same elements in another shape
  kElementwise,    // each element from the elements of the inputs at its position
  kOther,          // anything else, such as means
};

// "product" and so on, as in the Python package's table of operators.
std::string_view name_of(Family family);

struct Op {
  std::string_view name;  // as in FORMAT.md
  Required<Family> family;
  Required<InferFn> infer;
  Required<PrepareFn> prepare;
  Required<PackedSizeBoundFn> packed_size_bound;
  std::uint32_t since = 1;  // the lowest version of files that may hold it

  // Whether it makes codes of codes: each element of the output is one of the inputs, or 0.
  bool moves_codes() const {
    return family == Family::kMaximum || family == Family::kRearrangement;
  }

  // Whether its steps run PostOps on an f32 result.
  bool takes_post_ops() const { return family == Family::kProduct; }
};

// All operators, sorted by name.
std::span<const Op> operators();

// Throws Error(kModelFile) if there is no operator of that name.
const Op& operator_of(const Node& node);

// As above, and if files of that version may not hold it.
const Op& operator_of(const Node& node, std::uint32_t version);

}  // namespace edgebin

#endif  // EDGEBIN_OPS_OP_H_
