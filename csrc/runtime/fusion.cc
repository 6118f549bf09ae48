#include "runtime/fusion.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace edgebin {
namespace {

class Fusion {
 public:
  Fusion(const Graph& graph, std::span<const ValueType> types)
      : graph_(graph),
        types_(types),
        inputs_(static_cast<int>(graph.inputs.size())),
        readers_(types.size()),
        is_output_(types.size(), false),
        absorbed_(graph.nodes.size(), false) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      for (const int value : graph.nodes[i].inputs) readers_[value].push_back(static_cast<int>(i));
    }
    for (const GraphOutput& output : graph.outputs) is_output_[output.value] = true;
  }

  // A step runs at the position of its last node that reads values from outside the step: the
  // convolution itself, or the addition.
  std::vector<FusedStep> fuse() {
    std::vector<std::optional<FusedStep>> by_position(graph_.nodes.size());
    // From the last node to the first: of two convolutions that feed one addition, the later one
    // absorbs it.
    for (int node = static_cast<int>(graph_.nodes.size()) - 1; node >= 0; --node) {
      if (!operator_of(graph_.nodes[node]).takes_post_ops() || !is_f32(value_of(node))) continue;
      int position = node;
      FusedStep step = single(node);
      if (const auto addition = only_reader(node, "add"); addition && adds_one_shape(*addition)) {
        position = *addition;
        absorb_addition(step, *addition);
      } else if (const auto pool = only_reader(node, "max_pool"); pool && reads_image(node)) {
        absorb_pool(step, *pool);
      }
      absorb_quantize(step);
      by_position[position] = std::move(step);
    }
    std::vector<FusedStep> steps;
    for (int node = 0; node < static_cast<int>(graph_.nodes.size()); ++node) {
      std::optional<FusedStep>& fused = by_position[node];
      if (fused.has_value()) {
        steps.push_back(*std::move(fused));
      } else if (!absorbed_[node]) {
        steps.push_back(single(node));
      }
    }
    return steps;
  }

 private:
  int value_of(int node) const { return inputs_ + node; }
  bool is_f32(int value) const { return types_[value].dtype == DType::kF32; }

  FusedStep single(int node) const {
    return {{node}, graph_.nodes[node].inputs, {value_of(node)}, {}};
  }

  bool reads_image(int node) const {
    return types_[graph_.nodes[node].inputs.front()].dtype == DType::kU8;
  }

  bool adds_one_shape(int addition) const {
    const std::vector<int>& terms = graph_.nodes[addition].inputs;
    return types_[terms[0]] == types_[terms[1]];
  }

  // The node that is the only reader of this node's result, if it is an `op` that no step has
  // absorbed yet.
  std::optional<int> only_reader(int node, std::string_view op) const {
    const std::vector<int>& readers = readers_[value_of(node)];
    if (readers.size() != 1 || is_output_[value_of(node)]) return std::nullopt;
    const int reader = readers.front();
    if (graph_.nodes[reader].op != op || absorbed_[reader]) return std::nullopt;
    return reader;
  }

  void absorb_pool(FusedStep& step, int pool) {
    step.outputs.front() = value_of(pool);
    step.post_ops.max_pool = &graph_.nodes[pool];
    absorb(step, pool);
  }

  void absorb_addition(FusedStep& step, int addition) {
    const std::vector<int>& terms = graph_.nodes[addition].inputs;
    const int result = step.outputs.front();
    step.inputs.push_back(terms[0] == result ? terms[1] : terms[0]);
    step.outputs.front() = value_of(addition);
    step.post_ops.add = true;
    absorbed_[step.nodes.front()] = true;  // it runs at the position of the addition
    absorb(step, addition);
  }

  void absorb_quantize(FusedStep& step) {
    const int value = step.outputs.front();
    const std::vector<int>& readers = readers_[value];
    const auto quantize = std::ranges::find_if(
        readers, [&](int reader) { return graph_.nodes[reader].op == "quantize"; });
    if (quantize == readers.end()) return;
    step.post_ops.quantize = &graph_.nodes[*quantize];
    step.post_ops.f32_output = readers.size() > 1 || is_output_[value];
    if (!step.post_ops.f32_output) step.outputs.clear();
    step.outputs.push_back(value_of(*quantize));
    absorb(step, *quantize);
  }

  void absorb(FusedStep& step, int node) {
    step.nodes.push_back(node);
    absorbed_[node] = true;
  }

  const Graph& graph_;
  std::span<const ValueType> types_;
  int inputs_;
  std::vector<std::vector<int>> readers_;  // by value; a node that reads it twice is listed twice
  std::vector<bool> is_output_;            // by value
  std::vector<bool> absorbed_;             // by node: starts no step at its own position
};

}  // namespace

std::vector<FusedStep> fuse(const Graph& graph, std::span<const ValueType> types) {
  return Fusion(graph, types).fuse();
}

}  // namespace edgebin
