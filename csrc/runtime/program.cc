#include "runtime/program.h"

#include <algorithm>
#include <utility>

#include "base/bits.h"
#include "base/error.h"
#include "base/float_mode.h"
#include "base/thread_pool.h"
#include "file/reader.h"
#include "graph/rules.h"
#include "kernels/conv_algo.h"
#include "kernels/dispatch.h"
#include "ops/layout.h"
#include "runtime/liveness.h"
#include "runtime/planner.h"

namespace edgebin {
namespace {

// What prepared weights may take: a network of any use stays far below.
constexpr Bytes kFreePackedBytes = Bytes{1} << 26;
constexpr Bytes kMostPackedToFile = 40;

void check_threads(int threads) {
  if (threads >= 1 && threads <= ThreadPool::kMaxThreads) return;
  throw Error(ErrorKind::kOption,
              message("threads: expected 1 to ", ThreadPool::kMaxThreads, ", found ", threads));
}

Bytes arena_limit(std::uint64_t wanted) {
  if (wanted == 0) return kMaxArenaBytes;
  if (wanted <= kMaxArenaBytes) return wanted;
  throw Error(ErrorKind::kOption,
              message("max_arena_bytes: expected 1 to ", kMaxArenaBytes, ", found ", wanted));
}

// The types of a node's inputs.
std::vector<ValueType> input_types(const Node& node, std::span<const ValueType> types) {
  std::vector<ValueType> result;
  result.reserve(node.inputs.size());
  for (const int value : node.inputs) result.push_back(types[value]);
  return result;
}

}  // namespace

std::shared_ptr<const Program> Program::load(const std::string& path,
                                             const ProgramOptions& options) {
  check_threads(options.threads);
  const kernels::Kernels& kernels = kernels::choose(options.isa);
  try {
    auto mapping = std::make_unique<const Mapping>(path);
    const auto file = mapping->bytes();
    return std::shared_ptr<const Program>(new Program(std::move(mapping), file, kernels, options));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kModelFile) throw;
    throw Error(error.kind(), message(path, ": ", error.what()), error.code());
  }
}

std::shared_ptr<const Program> Program::load(std::span<const std::byte> file,
                                             const ProgramOptions& options) {
  check_threads(options.threads);
  const kernels::Kernels& kernels = kernels::choose(options.isa);
  return std::shared_ptr<const Program>(new Program(nullptr, file, kernels, options));
}

Program::Program(std::unique_ptr<const Mapping> mapping, std::span<const std::byte> file,
                 const kernels::Kernels& kernels, const ProgramOptions& options)
    : kernels_(kernels),
      threads_(options.threads),
      pin_(options.pin),
      max_arena_bytes_(arena_limit(options.max_arena_bytes)),
      mapping_(std::move(mapping)),
      file_(file),
      network_(read_network(file)) {
  const PlainFloats plain;
  infer_types();
  check_outputs();
  check_labels();
  check_packed();
  stages_ = stages_of(network_.graph, types_);
  const Lives lives(network_.graph, types_, stages_);
  check_arena(least_arena_bytes(lives.lives()));  // before anything is prepared: none is smaller
  prepare_steps(options);
  check_wishes(options);
  plan(lives);
}

void Program::infer_types() {
  for (const GraphInput& input : network_.graph.inputs) types_.push_back({DType::kU8, input.shape});
  for (const Node& node : network_.graph.nodes) {
    const std::vector<ValueType> inputs = input_types(node, types_);
    types_.push_back(operator_of(node).infer({node, inputs, {}, {}}));
  }
}

void Program::check_outputs() const {
  for (const GraphOutput& output : network_.graph.outputs) {
    const ValueType& type = types_[output.value];
    if (type.dtype == DType::kF32) continue;
    refuse_file(Rule::kOutputType,
                message("output ", quoted(output.name), " is ", describe(type), ", expected f32"));
  }
}

void Program::check_labels() const {
  const int channels = output_type(0).shape.c;
  if (std::cmp_less_equal(network_.labels.size(), channels)) return;
  refuse_file(Rule::kLabelsCount, message("there are ", network_.labels.size(),
                                          " labels, the first output has ", channels, " channels"));
}

void Program::check_arena(Bytes bytes) const {
  if (bytes <= max_arena_bytes_) return;
  refuse_file(Rule::kArenaLimit,
              message("arena needs ", bytes, " bytes, expected at most ", max_arena_bytes_));
}

void Program::check_packed() const {
  const Bytes most = kFreePackedBytes + kMostPackedToFile * file_.size();
  Bytes packed = 0;
  for (const Node& node : network_.graph.nodes) {
    const Op& op = operator_of(node);
    if (op.packed_size_bound == kPackedLikeTheFile) continue;
    const std::vector<ValueType> inputs = input_types(node, types_);
    packed += op.packed_size_bound({node, inputs, {}, {}});
    if (packed <= most) continue;
    refuse_file(Rule::kWeightsLimit, message("weights take ", packed, " bytes when prepared, ",
                                             "expected at most ", most));
  }
}

void Program::prepare_steps(const ProgramOptions& options) {
  const kernels::ConvAlgo algo = kernels::choose_conv_algo(kernels_, options.conv_algo);
  for (const Stage& stage : stages_) {
    const Node& node = network_.graph.nodes[stage.nodes.front()];
    const std::vector<ValueType> inputs = input_types(node, types_);
    NodeView view = {node, inputs, stage.post_ops, {}, algo};
    const auto wish = options.kernels.find(node.name);
    if (wish != options.kernels.end()) view.kernel = wish->second;
    steps_.push_back(operator_of(node).prepare(view, kernels_));
    // The step has its weights; the file's copy of them, and of what the checksum read, may go.
    if (mapping_ != nullptr) mapping_->forget();
  }
}

void Program::check_wishes(const ProgramOptions& options) const {
  for (const auto& [layer, kernel] : options.kernels) {
    const auto stage = std::ranges::find(stages_, layer, [&](const Stage& one) -> std::string_view {
      return network_.graph.nodes[one.nodes.front()].name;
    });
    const std::string_view found =
        stage == stages_.end() ? "" : steps_[stage - stages_.begin()]->kernel();
    if (found.empty()) {
      throw Error(ErrorKind::kOption,
                  message("kernels: there is no convolution or linear layer ", quoted(layer)));
    }
    if (found == kernel) continue;
    throw Error(ErrorKind::kOption,
                message("kernels: ", kernels_.isa, " cannot run layer ", quoted(layer), " on ",
                        quoted(kernel), ", expected for example ", quoted(found)));
  }
}

void Program::plan(const Lives& values) {
  std::vector<Life> lives = values.lives();
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const int at = static_cast<int>(i);
    lives.push_back({steps_[i]->scratch_bytes() * threads_, at, at});
  }
  const Plan plan = plan_arena(lives);
  check_arena(plan.bytes);
  const std::size_t nodes = network_.graph.nodes.size();
  for (std::size_t i = 0; i < lives.size(); ++i) {
    const Bytes offset = plan.offsets[i < nodes ? values.home_of(i) : i];
    (i < nodes ? value_offsets_ : scratch_offsets_).push_back(static_cast<std::size_t>(offset));
  }
  arena_bytes_ = static_cast<std::size_t>(plan.bytes);
  live_bytes_ = static_cast<std::size_t>(least_arena_bytes(lives));
}

std::span<std::byte> Program::value_in(std::byte* arena, int value) const {
  return {arena + value_offsets_[value - network_.graph.inputs.size()],
          static_cast<std::size_t>(value_bytes(types_[value]))};
}

std::span<std::byte> Program::scratch_in(std::byte* arena, std::size_t stage) const {
  return {arena + scratch_offsets_[stage],
          static_cast<std::size_t>(steps_[stage]->scratch_bytes() * threads_)};
}

}  // namespace edgebin
