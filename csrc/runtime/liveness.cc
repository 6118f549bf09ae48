#include "runtime/liveness.h"

#include <algorithm>
#include <numeric>

#include "ops/layout.h"

namespace edgebin {

Lives::Lives(const Graph& graph, std::span<const ValueType> types, std::span<const Stage> stages)
    : inputs_(static_cast<int>(graph.inputs.size())),
      lives_(graph.nodes.size()),
      homes_(graph.nodes.size()) {
  std::iota(homes_.begin(), homes_.end(), std::size_t{0});
  const int count = static_cast<int>(stages.size());
  for (int i = 0; i < count; ++i) {
    for (const int value : stages[i].outputs) {
      lives_[value - inputs_] = {value_bytes(types[value]), i, i};
    }
    for (const int value : stages[i].inputs) lengthen(value, i);
  }
  // Beyond the last stage: it must not take an output's place either.
  for (const GraphOutput& output : graph.outputs) lengthen(output.value, count);
  for (int i = 0; i < count; ++i) share_sum(stages[i], i);
}

void Lives::lengthen(int value, int last) {
  if (value >= inputs_) lives_[value - inputs_].last = last;
}

void Lives::share_sum(const Stage& stage, int at) {
  if (!stage.post_ops.add || !stage.post_ops.f32_output) return;
  const int added = stage.inputs.back();
  if (added < inputs_ || std::ranges::count(stage.inputs, added) > 1) return;
  const std::size_t home = homes_[added - inputs_];
  if (lives_[home].last != at) return;
  Life& sum = lives_[stage.outputs.front() - inputs_];
  homes_[stage.outputs.front() - inputs_] = home;
  lives_[home].last = sum.last;
  sum.bytes = 0;
}

}  // namespace edgebin
