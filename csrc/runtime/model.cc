// The public Model on top of a program and its sessions.
#include "edgebin/model.h"

#include <new>
#include <utility>

#include "base/error.h"
#include "kernels/dispatch.h"
#include "runtime/program.h"
#include "runtime/session_pool.h"

namespace edgebin {
namespace {

ValueInfo describe_value(const std::string& name, const Shape& shape) {
  return {name, shape.h, shape.w, shape.c};
}

// By value: whether it is what a softmax made, reshaped or not.
std::vector<bool> softmaxes(const Graph& graph) {
  std::vector<bool> result(graph.inputs.size(), false);
  for (const Node& node : graph.nodes) {
    const bool reshapes = node.op == "flatten";
    result.push_back(reshapes ? result[node.inputs.front()] : node.op == "softmax");
  }
  return result;
}

ModelInfo info_of(const Program& program) {
  const Network& network = program.network();
  ModelInfo info;
  info.name = network.name;
  info.producer = network.producer;
  info.input = describe_value(network.graph.inputs[0].name, network.graph.inputs[0].shape);
  const std::vector<bool> of_softmax = softmaxes(network.graph);
  for (std::size_t i = 0; i < network.graph.outputs.size(); ++i) {
    const GraphOutput& output = network.graph.outputs[i];
    info.outputs.push_back(describe_value(output.name, program.output_type(i).shape));
    info.outputs.back().probabilities = of_softmax[output.value];
  }
  info.labels = network.labels;
  info.colour = name_of(network.preprocessing.colour);
  info.filter = name_of(network.preprocessing.filter);
  info.resize = network.preprocessing.resize;
  info.isa = program.kernels().isa;
  info.threads = program.threads();
  info.file_bytes = program.file_bytes();
  info.arena_bytes = program.arena_bytes();
  info.self_tests = network.self_test.size();
  return info;
}

ProgramOptions options_of(const Options& options) {
  return {options.isa, options.threads,   options.pin,
          {},          options.conv_algo, options.max_arena_bytes};
}

}  // namespace

struct Model::Impl {
  explicit Impl(std::shared_ptr<const Program> program)
      : sessions(std::move(program)), info(info_of(sessions.program())) {}

  // How many pictures these bytes are.
  std::size_t count_of(std::span<const std::uint8_t> pictures) const {
    const std::size_t each = info.input.elements();
    if (!pictures.empty() && pictures.size() % each == 0) return pictures.size() / each;
    throw Error(ErrorKind::kInput,
                message("pictures have ", pictures.size(), " bytes, expected a multiple of ",
                        info.input.height, 'x', info.input.width, 'x', info.input.channels));
  }

  void check_room(std::span<const std::span<float>> outputs, std::size_t count) const {
    if (outputs.size() != info.outputs.size()) {
      throw Error(ErrorKind::kInput, message("room for ", outputs.size(),
                                             " outputs, the network has ", info.outputs.size()));
    }
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const ValueInfo& output = info.outputs[i];
      const std::size_t each = output.elements();
      if (outputs[i].empty()) continue;
      if (outputs[i].size() / each == count && outputs[i].size() % each == 0) continue;
      throw Error(ErrorKind::kInput,
                  message("output ", quoted(output.name), ": room for ", outputs[i].size(),
                          " elements, expected ", count, " pictures of ", each));
    }
  }

  SessionPool sessions;
  ModelInfo info;
};

Model::Model(const std::string& path, const Options& options)
    : impl_(std::make_unique<Impl>(Program::load(path, options_of(options)))) {}
Model::Model(std::span<const std::byte> file, const Options& options)
    : impl_(std::make_unique<Impl>(Program::load(file, options_of(options)))) {}
Model::~Model() = default;
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;

const ModelInfo& Model::info() const { return impl_->info; }

std::vector<std::vector<float>> Model::run(std::span<const std::uint8_t> pictures) const {
  const std::size_t count = impl_->count_of(pictures);
  std::vector<std::vector<float>> outputs;
  std::vector<std::span<float>> spans;
  for (const ValueInfo& output : impl_->info.outputs) {
    if (count > std::vector<float>().max_size() / output.elements()) throw std::bad_alloc();
    spans.emplace_back(outputs.emplace_back(count * output.elements()));
  }
  run(pictures, spans);
  return outputs;
}

void Model::run(std::span<const std::uint8_t> pictures,
                std::span<const std::span<float>> outputs) const {
  const std::size_t count = impl_->count_of(pictures);
  impl_->check_room(outputs, count);
  std::vector<float*> pointers;
  for (const std::span<float> output : outputs) {
    pointers.push_back(output.empty() ? nullptr : output.data());
  }
  impl_->sessions.run_batch(pictures.data(), static_cast<std::int64_t>(count), pointers.data());
}

std::optional<Difference> Model::verify() const { return impl_->sessions.verify(); }

std::string version() { return EDGEBIN_VERSION; }

std::vector<std::string> isas() {
  std::vector<std::string> names;
  for (const kernels::Kernels& kernels : kernels::available()) names.emplace_back(kernels.isa);
  return names;
}

}  // namespace edgebin
