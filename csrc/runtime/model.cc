// The public Model on top of a program and its sessions.
#include "edgebin/model.h"

#include <utility>

#include "base/error.h"
#include "runtime/program.h"
#include "runtime/session_pool.h"

namespace edgebin {
namespace {

ValueInfo describe_value(const std::string& name, const Shape& shape) {
  return {name, shape.h, shape.w, shape.c};
}

ModelInfo info_of(const Program& program) {
  const Network& network = program.network();
  ModelInfo info;
  info.name = network.name;
  info.producer = network.producer;
  info.input = describe_value(network.graph.inputs[0].name, network.graph.inputs[0].shape);
  for (std::size_t i = 0; i < network.graph.outputs.size(); ++i) {
    info.outputs.push_back(
        describe_value(network.graph.outputs[i].name, program.output_type(i).shape));
  }
  info.labels = network.labels;
  info.colour = name_of(network.preprocessing.colour);
  info.filter = name_of(network.preprocessing.filter);
  info.resize = network.preprocessing.resize;
  info.isa = program.kernels().isa;
  info.threads = program.threads();
  info.file_bytes = program.file_bytes();
  info.arena_bytes = program.arena_bytes();
  return info;
}

}  // namespace

struct Model::Impl {
  Impl(const std::string& path, const Options& options)
      : sessions(Program::load(path, {options.isa, options.threads, options.pin, {}})),
        info(info_of(sessions.program())) {}

  SessionPool sessions;
  ModelInfo info;
};

Model::Model(const std::string& path, const Options& options)
    : impl_(std::make_unique<Impl>(path, options)) {}
Model::~Model() = default;
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;

const ModelInfo& Model::info() const { return impl_->info; }

std::vector<std::vector<float>> Model::run(std::span<const std::uint8_t> pictures) const {
  const ValueInfo& input = impl_->info.input;
  if (pictures.empty() || pictures.size() % input.elements() != 0) {
    throw Error(ErrorKind::kInput,
                message("pictures have ", pictures.size(), " bytes, expected a multiple of ",
                        input.height, 'x', input.width, 'x', input.channels));
  }
  const std::size_t count = pictures.size() / input.elements();
  std::vector<std::vector<float>> outputs;
  std::vector<float*> pointers;
  for (const ValueInfo& output : impl_->info.outputs) {
    pointers.push_back(outputs.emplace_back(count * output.elements()).data());
  }
  impl_->sessions.run_batch(pictures.data(), static_cast<std::int64_t>(count), pointers.data());
  return outputs;
}

}  // namespace edgebin
