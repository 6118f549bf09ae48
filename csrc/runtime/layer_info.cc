#include "runtime/layer_info.h"

namespace edgebin {
namespace {

Layer layer_of(const Node& node, const ValueType& output) {
  Layer layer{&node, output, 0, 0, 0};
  for (const auto& [role, constant] : node.constants) {
    layer.constant_bytes += constant.bytes.size();
    if (role != "weights") continue;
    layer.weight_bits = bits_of(constant.type);
    layer.macs = output.shape.pixels() * constant.elements();
  }
  return layer;
}

}  // namespace

std::vector<Layer> layers_of(const Program& program) {
  const Graph& graph = program.network().graph;
  const auto outputs = program.types().subspan(graph.inputs.size());
  std::vector<Layer> layers;
  layers.reserve(graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    layers.push_back(layer_of(graph.nodes[i], outputs[i]));
  }
  return layers;
}

}  // namespace edgebin
