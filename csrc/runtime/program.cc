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
#include "runtime/memory/liveness.h"
#include "runtime/memory/planner.h"
#include "runtime/task_outputs.h"

namespace edgebin {
namespace {

// Prepared weights may take so many bytes, and for each byte of the file so many more. Real
// networks stay far below.
constexpr Bytes kFreePackedBytes = Bytes{1} << 26;
constexpr Bytes kMaxPackedPerFileByte = 40;

void check_threads(int threads) {
  if (threads >= 1 && threads <= ThreadPool::kMaxThreads) return;
  throw Error(ErrorKind::kOption,
              message("threads: expected 1 to ", ThreadPool::kMaxThreads, ", found ", threads));
}

Bytes arena_limit(std::uint64_t requested) {
  if (requested == 0) return kMaxArenaBytes;
  if (requested <= kMaxArenaBytes) return requested;
  throw Error(ErrorKind::kOption,
              message("max_arena_bytes: expected 1 to ", kMaxArenaBytes, ", found ", requested));
}

std::vector<ValueType> input_types(const Node& node, std::span<const ValueType> types) {
  std::vector<ValueType> result;
  result.reserve(node.inputs.size());
  for (const int value : node.inputs) result.push_back(types[value]);
  return result;
}

}  // namespace

std::shared_ptr<const Program> Program::load(const std::string& path, const Options& options) {
  check_threads(options.threads);
  const kernels::Kernels& kernels = kernels::choose(options.isa);
  try {
    Source source{path, std::make_unique<const Mapping>(path), {}};
    source.bytes = source.mapping->bytes();
    return std::shared_ptr<const Program>(new Program(std::move(source), kernels, options));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kModelFile) throw;
    throw Error(error.kind(), message(path, ": ", error.what()), error.code());
  }
}

std::shared_ptr<const Program> Program::load(std::span<const std::byte> file,
                                             const Options& options) {
  check_threads(options.threads);
  const kernels::Kernels& kernels = kernels::choose(options.isa);
  return std::shared_ptr<const Program>(new Program({{}, nullptr, file}, kernels, options));
}

Program::Program(Source source, const kernels::Kernels& kernels, const Options& options)
    : kernels_(kernels),
      threads_(options.threads),
      pin_(options.pin),
      max_arena_bytes_(arena_limit(options.max_arena_bytes)),
      path_(std::move(source.path)),
      mapping_(std::move(source.mapping)),
      file_(source.bytes),
      network_(read_network(file_)) {
  const PlainFloats plain;
  infer_types();
  check_outputs();
  check_task();
  check_packed();
  fused_steps_ = fuse(network_.graph, types_);
  const Liveness liveness(network_.graph, types_, fused_steps_);
  check_arena(min_arena_bytes(liveness.ranges()));  // before any weights are packed
  prepare_steps(options);
  check_requested_kernels(options);
  plan(liveness);
}

void Program::infer_types() {
  for (const GraphInput& input : inputs()) types_.push_back(input.value());
  for (const Node& node : network_.graph.nodes) {
    const std::vector<ValueType> inputs = input_types(node, types_);
    types_.push_back(
        operator_of(node, network_.version)
            .infer({.node = node, .inputs = inputs, .kernel = {}, .version = network_.version}));
  }
}

void Program::check_outputs() const {
  for (const GraphOutput& output : network_.graph.outputs) {
    const ValueType& type = types_[output.value];
    if (type.dtype != DType::kF32) {
      refuse_file(Rule::kOutputType, message("output ", quoted(output.name), " is ", describe(type),
                                             ", expected f32"));
    }
    if (std::cmp_greater_equal(output.value, inputs().size())) continue;
    refuse_file(Rule::kOutputValue, message("output ", quoted(output.name), " is input ",
                                            output.value, ", expected the value of a node"));
  }
}

Task Program::task() const {
  if (network_.task) return *network_.task;
  return {.kind = output_type(0).shape.pixels() == 1 ? TaskKind::kClassify : TaskKind::kRaw};
}

void Program::check_task() const {
  std::vector<Shape> outputs;
  outputs.reserve(network_.graph.outputs.size());
  for (std::size_t i = 0; i < network_.graph.outputs.size(); ++i) {
    outputs.push_back(output_type(i).shape);
  }
  check_task_outputs(task(), outputs);
  const int channels = channels_with_labels(task(), outputs);
  if (std::cmp_less_equal(network_.labels.size(), channels)) return;
  refuse_file(Rule::kLabelsCount, message("there are ", network_.labels.size(),
                                          " labels, the output has ", channels, " channels"));
}

void Program::check_arena(Bytes bytes) const {
  if (bytes <= max_arena_bytes_) return;
  refuse_file(Rule::kArenaLimit,
              message("arena needs ", bytes, " bytes, expected at most ", max_arena_bytes_));
}

void Program::check_packed() const {
  const Bytes limit = kFreePackedBytes + kMaxPackedPerFileByte * file_.size();
  Bytes packed = 0;
  for (const Node& node : network_.graph.nodes) {
    const Op& op = operator_of(node);
    if (op.packed_size_bound == kPackedLikeTheFile) continue;
    const std::vector<ValueType> inputs = input_types(node, types_);
    packed += op.packed_size_bound({node, inputs, {}, {}});
    if (packed <= limit) continue;
    refuse_file(Rule::kWeightsLimit, message("weights take ", packed, " bytes when prepared, ",
                                             "expected at most ", limit));
  }
}

void Program::prepare_steps(const Options& options) {
  const kernels::ConvAlgo algo = kernels::choose_conv_algo(kernels_, options.conv_algo);
  for (const FusedStep& fused : fused_steps_) {
    const Node& node = network_.graph.nodes[fused.nodes.front()];
    const std::vector<ValueType> inputs = input_types(node, types_);
    NodeView view = {node, inputs, fused.post_ops, {}, algo};
    const auto requested = options.kernels.find(node.name);
    if (requested != options.kernels.end()) view.kernel = requested->second;
    steps_.push_back(operator_of(node).prepare(view, kernels_));
    // The step has packed its weights: the pages of the file that were read may be dropped.
    if (mapping_ != nullptr) mapping_->forget();
  }
}

void Program::check_requested_kernels(const Options& options) const {
  for (const auto& [layer, kernel] : options.kernels) {
    const auto name_of_layer = [&](const FusedStep& fused) -> std::string_view {
      return network_.graph.nodes[fused.nodes.front()].name;
    };
    const auto step = std::ranges::find(fused_steps_, layer, name_of_layer);
    const std::string_view chosen =
        step == fused_steps_.end() ? "" : steps_[step - fused_steps_.begin()]->kernel();
    if (chosen.empty()) {
      throw Error(ErrorKind::kOption,
                  message("kernels: there is no convolution or linear layer ", quoted(layer)));
    }
    if (chosen == kernel) continue;
    throw Error(ErrorKind::kOption,
                message("kernels: ", kernels_.isa, " cannot run layer ", quoted(layer), " on ",
                        quoted(kernel), ", expected for example ", quoted(chosen)));
  }
}

void Program::plan(const Liveness& liveness) {
  std::vector<LiveRange> ranges = liveness.ranges();
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const int index = static_cast<int>(i);
    ranges.push_back({steps_[i]->scratch_bytes() * threads_, index, index});
  }
  const Plan plan = plan_arena(ranges);
  check_arena(plan.bytes);
  const std::size_t values = types_.size();
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const Bytes offset = plan.offsets[i < values ? liveness.storage_of(i) : i];
    (i < values ? value_offsets_ : scratch_offsets_).push_back(static_cast<std::size_t>(offset));
  }
  arena_bytes_ = static_cast<std::size_t>(plan.bytes);
  live_bytes_ = static_cast<std::size_t>(min_arena_bytes(ranges));
}

std::span<std::byte> Program::value_in(std::byte* arena, int value) const {
  return {arena + value_offsets_[value], static_cast<std::size_t>(value_bytes(types_[value]))};
}

std::span<std::byte> Program::scratch_in(std::byte* arena, std::size_t index) const {
  return {arena + scratch_offsets_[index],
          static_cast<std::size_t>(steps_[index]->scratch_bytes() * threads_)};
}

}  // namespace edgebin
