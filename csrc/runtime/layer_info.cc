#include "runtime/layer_info.h"

#include <cstddef>
#include <string>

namespace edgebin {
namespace {

ConstantInfo describe_constant(const Constant& constant) {
  return {std::string(name_of(constant.type)),
          {constant.dims.begin(), constant.dims.begin() + constant.rank},
          constant.bytes};
}

LayerInfo describe_layer(const Node& node, const ValueType& output) {
  LayerInfo layer;
  layer.op = node.op;
  layer.name = node.name;
  layer.inputs = node.inputs;
  layer.attributes.insert(node.attributes.begin(), node.attributes.end());
  layer.dtype = name_of(output.dtype);
  layer.height = output.shape.h;
  layer.width = output.shape.w;
  layer.channels = output.shape.c;
  for (const auto& [role, constant] : node.constants) {
    layer.constants.emplace(role, describe_constant(constant));
    layer.constant_bytes += constant.bytes.size();
    if (role != "weights") continue;
    layer.weight_bits = bits_of(constant.type);
    layer.macs = output.shape.pixels() * constant.elements();
  }
  return layer;
}

}  // namespace

std::vector<LayerInfo> layers_of(const Program& program) {
  const Graph& graph = program.network().graph;
  const auto outputs = program.types().subspan(graph.inputs.size());
  std::vector<LayerInfo> layers;
  layers.reserve(graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    layers.push_back(describe_layer(graph.nodes[i], outputs[i]));
  }
  return layers;
}

std::vector<StepInfo> steps_of(const Program& program) {
  std::vector<StepInfo> steps;
  for (std::size_t i = 0; i < program.fused_steps().size(); ++i) {
    steps.push_back({program.fused_steps()[i].nodes, std::string(program.step(i).kernel())});
  }
  return steps;
}

}  // namespace edgebin
