#include "runtime/fusion.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace edgebin {
namespace {

class Grouping {
 public:
  Grouping(const Graph& graph, std::span<const ValueType> types)
      : graph_(graph),
        types_(types),
        inputs_(static_cast<int>(graph.inputs.size())),
        readers_(types.size()),
        is_output_(types.size(), false),
        taken_(graph.nodes.size(), false) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      for (const int value : graph.nodes[i].inputs) readers_[value].push_back(static_cast<int>(i));
    }
    for (const GraphOutput& output : graph.outputs) is_output_[output.value] = true;
  }

  // A stage runs where the last node runs whose inputs are not its own: the convolution or the sum.
  std::vector<Stage> stages() {
    std::vector<std::optional<Stage>> by_place(graph_.nodes.size());
    // From the last: of two convolutions that a sum joins, the later one takes it.
    for (int node = static_cast<int>(graph_.nodes.size()) - 1; node >= 0; --node) {
      if (!operator_of(graph_.nodes[node]).takes_post_ops() || !is_real(value_of(node))) continue;
      int place = node;
      Stage stage = alone(node);
      if (const auto sum = only_reader(node, "add")) {
        place = *sum;
        take_sum(stage, *sum);
      } else if (const auto pool = only_reader(node, "max_pool"); pool && reads_picture(node)) {
        take_pool(stage, *pool);
      }
      take_quantize(stage);
      by_place[place] = std::move(stage);
    }
    std::vector<Stage> stages;
    for (int node = 0; node < static_cast<int>(graph_.nodes.size()); ++node) {
      std::optional<Stage>& placed = by_place[node];
      if (placed.has_value()) {
        stages.push_back(*std::move(placed));
      } else if (!taken_[node]) {
        stages.push_back(alone(node));
      }
    }
    return stages;
  }

 private:
  int value_of(int node) const { return inputs_ + node; }
  bool is_real(int value) const { return types_[value].dtype == DType::kF32; }

  Stage alone(int node) const { return {{node}, graph_.nodes[node].inputs, {value_of(node)}, {}}; }

  bool reads_picture(int node) const {
    return types_[graph_.nodes[node].inputs.front()].dtype == DType::kU8;
  }

  // The `op` that alone reads the node's result, if it is still free.
  std::optional<int> only_reader(int node, std::string_view op) const {
    const std::vector<int>& readers = readers_[value_of(node)];
    if (readers.size() != 1 || is_output_[value_of(node)]) return std::nullopt;
    const int reader = readers.front();
    if (graph_.nodes[reader].op != op || taken_[reader]) return std::nullopt;
    return reader;
  }

  void take_pool(Stage& stage, int pool) {
    stage.outputs.front() = value_of(pool);
    stage.post_ops.max_pool = &graph_.nodes[pool];
    take(stage, pool);
  }

  void take_sum(Stage& stage, int sum) {
    const std::vector<int>& terms = graph_.nodes[sum].inputs;
    const int own = stage.outputs.front();
    stage.inputs.push_back(terms[0] == own ? terms[1] : terms[0]);
    stage.outputs.front() = value_of(sum);
    stage.post_ops.add = true;
    taken_[stage.nodes.front()] = true;
    take(stage, sum);
  }

  void take_quantize(Stage& stage) {
    const int value = stage.outputs.front();
    const std::vector<int>& readers = readers_[value];
    const auto found = std::ranges::find_if(
        readers, [&](int reader) { return graph_.nodes[reader].op == "quantize"; });
    if (found == readers.end()) return;
    stage.post_ops.quantize = &graph_.nodes[*found];
    stage.post_ops.f32_output = readers.size() > 1 || is_output_[value];
    if (!stage.post_ops.f32_output) stage.outputs.clear();
    stage.outputs.push_back(value_of(*found));
    take(stage, *found);
  }

  void take(Stage& stage, int node) {
    stage.nodes.push_back(node);
    taken_[node] = true;
  }

  const Graph& graph_;
  std::span<const ValueType> types_;
  int inputs_;
  std::vector<std::vector<int>> readers_;  // by value; a node that reads it twice is there twice
  std::vector<bool> is_output_;            // by value
  std::vector<bool> taken_;                // by node: not a stage of its own at its own place
};

}  // namespace

std::vector<Stage> stages_of(const Graph& graph, std::span<const ValueType> types) {
  return Grouping(graph, types).stages();
}

}  // namespace edgebin
