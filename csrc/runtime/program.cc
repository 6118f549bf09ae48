#include "runtime/program.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/thread_pool.h"
#include "file/reader.h"
#include "kernels/dispatch.h"
#include "ops/layout.h"
#include "runtime/planner.h"

namespace edgebin {
namespace {

constexpr std::size_t kMaxArenaBytes = std::size_t{1} << 31;

void check_threads(int threads) {
  if (threads >= 1 && threads <= ThreadPool::kMaxThreads) return;
  throw Error(ErrorKind::kOption,
              message("threads: expected 1 to ", ThreadPool::kMaxThreads, ", found ", threads));
}

// The types of a node's inputs.
std::vector<ValueType> input_types(const Node& node, std::span<const ValueType> types) {
  std::vector<ValueType> result;
  result.reserve(node.inputs.size());
  for (const int value : node.inputs) result.push_back(types[value]);
  return result;
}

// Lives of the nodes' values: from their own step to the last that reads them, or to the end for
// outputs of the graph.
std::vector<Life> lives_of_values(const Graph& graph, std::span<const ValueType> types) {
  const int inputs = static_cast<int>(graph.inputs.size());
  const int nodes = static_cast<int>(graph.nodes.size());
  std::vector<Life> lives;
  lives.reserve(2 * graph.nodes.size());  // prepared steps add their scratch
  for (int i = 0; i < nodes; ++i) lives.push_back({value_bytes(types[inputs + i]), i, i});
  for (int i = 0; i < nodes; ++i) {
    for (const int value : graph.nodes[i].inputs) {
      if (value >= inputs) lives[value - inputs].last = i;
    }
  }
  for (const GraphOutput& output : graph.outputs) {
    if (output.value >= inputs) lives[output.value - inputs].last = nodes - 1;
  }
  return lives;
}

// Before anything is planned or prepared: no arena could be smaller.
void check_arena(std::size_t bytes) {
  if (bytes <= kMaxArenaBytes) return;
  throw Error(ErrorKind::kModelFile,
              message("arena needs ", bytes, " bytes, expected at most ", kMaxArenaBytes));
}

}  // namespace

std::shared_ptr<const Program> Program::load(const std::string& path, std::string_view isa,
                                             int threads) {
  check_threads(threads);
  const kernels::Kernels& kernels = kernels::choose(isa);
  try {
    auto mapping = std::make_unique<const Mapping>(path);
    const auto file = mapping->bytes();
    return std::shared_ptr<const Program>(new Program(std::move(mapping), file, kernels, threads));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kModelFile) throw;
    throw Error(error.kind(), message(path, ": ", error.what()));
  }
}

std::shared_ptr<const Program> Program::load(std::span<const std::byte> file, std::string_view isa,
                                             int threads) {
  check_threads(threads);
  return std::shared_ptr<const Program>(new Program(nullptr, file, kernels::choose(isa), threads));
}

Program::Program(std::unique_ptr<const Mapping> mapping, std::span<const std::byte> file,
                 const kernels::Kernels& kernels, int threads)
    : kernels_(kernels),
      threads_(threads),
      mapping_(std::move(mapping)),
      file_(file),
      network_(read_network(file)) {
  infer_types();
  check_outputs();
  check_arena(least_arena_bytes(lives_of_values(network_.graph, types_)));
  prepare_steps();
  plan();
}

void Program::infer_types() {
  for (const GraphInput& input : network_.graph.inputs) types_.push_back({DType::kU8, input.shape});
  for (const Node& node : network_.graph.nodes) {
    const std::vector<ValueType> inputs = input_types(node, types_);
    types_.push_back(operator_of(node).infer({node, inputs}));
  }
}

void Program::check_outputs() const {
  for (const GraphOutput& output : network_.graph.outputs) {
    const ValueType& type = types_[output.value];
    if (type.dtype == DType::kF32) continue;
    throw Error(ErrorKind::kModelFile,
                message("output ", quoted(output.name), " is ", describe(type), ", expected f32"));
  }
}

void Program::prepare_steps() {
  for (const Node& node : network_.graph.nodes) {
    const std::vector<ValueType> inputs = input_types(node, types_);
    steps_.push_back(operator_of(node).prepare({node, inputs}, kernels_));
  }
}

void Program::plan() {
  std::vector<Life> lives = lives_of_values(network_.graph, types_);
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const int at = static_cast<int>(i);
    lives.push_back({steps_[i]->scratch_bytes() * threads_, at, at});
  }
  Plan plan = plan_arena(lives);
  check_arena(plan.bytes);
  offsets_ = std::move(plan.offsets);
  arena_bytes_ = plan.bytes;
}

std::span<std::byte> Program::value_in(std::byte* arena, int value) const {
  return {arena + offsets_[value - network_.graph.inputs.size()], value_bytes(types_[value])};
}

std::span<std::byte> Program::scratch_in(std::byte* arena, std::size_t node) const {
  return {arena + offsets_[steps_.size() + node], steps_[node]->scratch_bytes() * threads_};
}

}  // namespace edgebin
