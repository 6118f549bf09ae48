// The public Model: a program and a pool of its sessions.
#include "edgebin/model.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <new>
#include <utility>

#include "base/error.h"
#include "runtime/layer_info.h"
#include "runtime/program.h"
#include "runtime/session_pool.h"

namespace edgebin {
namespace {

ValueInfo describe_value(const std::string& name, const Shape& shape) {
  return {.name = name, .height = shape.h, .width = shape.w, .channels = shape.c};
}

std::vector<ValueInfo> describe_inputs(const Program& program) {
  std::vector<ValueInfo> inputs;
  for (const GraphInput& input : program.inputs()) {
    ValueInfo& info = inputs.emplace_back(describe_value(input.name, input.shape));
    info.value = static_cast<int>(inputs.size()) - 1;
    info.dtype = name_of(input.type);
  }
  return inputs;
}

// By value: whether its elements are probabilities, the output of a softmax that is flattened or
// not.
std::vector<bool> find_probabilities(const Graph& graph) {
  std::vector<bool> result(graph.inputs.size(), false);
  for (const Node& node : graph.nodes) {
    const bool reshapes = node.op == "flatten";
    result.push_back(reshapes ? result[node.inputs.front()] : node.op == "softmax");
  }
  return result;
}

DetectInfo describe_detect(const DetectRule& rule) {
  DetectInfo info;
  info.form = name_of(rule.form);
  info.class_aware = rule.class_aware;
  info.iou_threshold = rule.iou_threshold;
  info.candidates = rule.candidates;
  info.max_boxes = rule.max_boxes;
  for (const auto& [stride, boxes, scores] : rule.levels) {
    info.levels.push_back({stride, boxes, scores});
  }
  return info;
}

ModelInfo describe_model(const Program& program) {
  const Network& network = program.network();
  ModelInfo info;
  info.name = network.name;
  info.producer = network.producer;
  info.inputs = describe_inputs(program);
  info.input = info.inputs.front();
  const std::vector<bool> probabilities = find_probabilities(network.graph);
  for (std::size_t i = 0; i < network.graph.outputs.size(); ++i) {
    const GraphOutput& output = network.graph.outputs[i];
    info.outputs.push_back(describe_value(output.name, program.output_type(i).shape));
    info.outputs.back().probabilities = probabilities[output.value];
    info.outputs.back().value = output.value;
  }
  info.labels = network.labels;
  info.colour = name_of(network.preprocessing.colour);
  info.filter = name_of(network.preprocessing.filter);
  info.resize = network.preprocessing.resize;
  info.letterbox = network.preprocessing.letterbox;
  info.fill = network.preprocessing.fill;
  const Task task = program.task();
  info.task = name_of(task.kind);
  info.temperature = task.temperature;
  info.threshold = task.threshold;
  if (task.kind == TaskKind::kDetect) info.detect = describe_detect(task.detect);
  info.mean = network.preprocessing.mean;
  info.scale = network.preprocessing.scale;
  info.isa = program.kernels().isa;
  info.threads = program.threads();
  info.file_bytes = program.file().size();
  info.arena_bytes = program.arena_bytes();
  info.live_bytes = program.live_bytes();
  info.probe_images = network.fingerprint.size();
  return info;
}

}  // namespace

struct Model::Impl {
  explicit Impl(std::shared_ptr<const Program> program)
      : sessions(std::move(program)), info(describe_model(sessions.program())) {}

  // The number of images in so many bytes, of a network whose only input is u8.
  std::size_t count_images(std::span<const std::uint8_t> images) const {
    if (info.inputs.size() > 1 || info.input.dtype != "u8") {
      throw Error(ErrorKind::kInput,
                  message("images: expected ", info.inputs.size(), " inputs, ", info.input.dtype,
                          " first, found u8 alone; what works: the call with typed inputs"));
    }
    const std::size_t size = info.input.elements();
    if (!images.empty() && images.size() % size == 0) return images.size() / size;
    throw Error(ErrorKind::kInput,
                message("images: expected a multiple of ", info.input.height, 'x', info.input.width,
                        'x', info.input.channels, " bytes, found ", images.size()));
  }

  // The number of images, which all inputs have.
  std::size_t count_inputs(std::span<const std::span<const std::byte>> inputs) const {
    if (inputs.size() != info.inputs.size()) {
      throw Error(ErrorKind::kInput,
                  message("inputs: expected ", info.inputs.size(), ", found ", inputs.size()));
    }
    const std::size_t count = inputs[0].size() / info.input.bytes();
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const ValueInfo& input = info.inputs[i];
      const std::size_t size = input.bytes();
      const bool aligned = std::bit_cast<std::uintptr_t>(inputs[i].data()) % sizeof(float) == 0;
      if (count > 0 && inputs[i].size() / size == count && inputs[i].size() % size == 0) {
        if (input.dtype != "f32" || aligned) continue;
        throw Error(ErrorKind::kInput, message("input ", quoted(input.name),
                                               ": expected an address that 4 divides, found none"));
      }
      throw Error(ErrorKind::kInput, message("input ", quoted(input.name), ": expected ",
                                             std::max(count, std::size_t{1}), " x ", size,
                                             " bytes, found ", inputs[i].size()));
    }
    return count;
  }

  void check_outputs(std::span<const std::span<float>> outputs, std::size_t images) const {
    if (outputs.size() != info.outputs.size()) {
      throw Error(ErrorKind::kInput,
                  message("outputs: expected ", info.outputs.size(), ", found ", outputs.size()));
    }
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const ValueInfo& output = info.outputs[i];
      const std::size_t size = output.elements();
      if (outputs[i].empty()) continue;
      if (outputs[i].size() / size == images && outputs[i].size() % size == 0) continue;
      throw Error(ErrorKind::kInput, message("output ", quoted(output.name), ": expected ", images,
                                             " x ", size, " elements, found ", outputs[i].size()));
    }
  }

  SessionPool sessions;
  ModelInfo info;
};

Model::Model(const std::string& path, const Options& options)
    : impl_(std::make_unique<Impl>(Program::load(path, options))) {}
Model::Model(std::span<const std::byte> file, const Options& options)
    : impl_(std::make_unique<Impl>(Program::load(file, options))) {}
Model::~Model() = default;
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;

const ModelInfo& Model::info() const { return impl_->info; }

std::span<const std::byte> Model::file() const { return impl_->sessions.program().file(); }

std::vector<std::vector<float>> Model::run(std::span<const std::uint8_t> images) const {
  impl_->count_images(images);
  const std::span<const std::byte> input = std::as_bytes(images);
  return run(std::span(&input, 1));
}

std::vector<std::vector<float>> Model::run(
    std::span<const std::span<const std::byte>> inputs) const {
  const std::size_t count = impl_->count_inputs(inputs);
  std::vector<std::vector<float>> outputs;
  std::vector<std::span<float>> spans;
  for (const ValueInfo& output : impl_->info.outputs) {
    if (count > std::vector<float>().max_size() / output.elements()) throw std::bad_alloc();
    spans.emplace_back(outputs.emplace_back(count * output.elements()));
  }
  run(inputs, spans);
  return outputs;
}

void Model::run(std::span<const std::uint8_t> images,
                std::span<const std::span<float>> outputs) const {
  impl_->count_images(images);
  const std::span<const std::byte> input = std::as_bytes(images);
  run(std::span(&input, 1), outputs);
}

void Model::run(std::span<const std::span<const std::byte>> inputs,
                std::span<const std::span<float>> outputs) const {
  const std::size_t count = impl_->count_inputs(inputs);
  impl_->check_outputs(outputs, count);
  std::vector<const std::byte*> from;
  for (const std::span<const std::byte> input : inputs) from.push_back(input.data());
  std::vector<float*> to;
  for (const std::span<float> output : outputs) {
    to.push_back(output.empty() ? nullptr : output.data());
  }
  impl_->sessions.run_batch(from.data(), static_cast<std::int64_t>(count), to.data());
}

std::vector<std::vector<std::chrono::nanoseconds>> Model::profile(
    std::span<const std::uint8_t> images) const {
  impl_->count_images(images);
  const std::span<const std::byte> input = std::as_bytes(images);
  return profile(std::span(&input, 1));
}

std::vector<std::vector<std::chrono::nanoseconds>> Model::profile(
    std::span<const std::span<const std::byte>> inputs) const {
  const std::size_t count = impl_->count_inputs(inputs);
  std::vector<const std::byte*> from;
  for (const std::span<const std::byte> input : inputs) from.push_back(input.data());
  const std::vector<float*> no_outputs(impl_->info.outputs.size(), nullptr);
  std::vector<std::vector<std::chrono::nanoseconds>> times;
  for (std::size_t i = 0; i < count; ++i) {
    times.emplace_back(impl_->sessions.program().fused_steps().size());
    impl_->sessions.profile(from.data(), no_outputs.data(), times.back());
    for (std::size_t j = 0; j < from.size(); ++j) from[j] += impl_->info.inputs[j].bytes();
  }
  return times;
}

std::optional<Difference> Model::verify() const { return impl_->sessions.verify(); }

std::vector<LayerInfo> Model::layers() const { return layers_of(impl_->sessions.program()); }

std::vector<StepInfo> Model::steps() const { return steps_of(impl_->sessions.program()); }

std::vector<ProbeInfo> Model::fingerprint() const {
  std::vector<ProbeInfo> probes;
  for (const ProbeHashes& probe : impl_->sessions.program().network().fingerprint) {
    probes.push_back({probe.seed, probe.hashes});
  }
  return probes;
}

}  // namespace edgebin
