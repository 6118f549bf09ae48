#include "runtime/memory/liveness.h"

#include <algorithm>
#include <numeric>

#include "ops/layout.h"

namespace edgebin {

Liveness::Liveness(const Graph& graph, std::span<const ValueType> types,
                   std::span<const FusedStep> steps)
    : inputs_(static_cast<int>(graph.inputs.size())),
      ranges_(types.size()),
      storage_(types.size()) {
  std::iota(storage_.begin(), storage_.end(), std::size_t{0});
  for (int i = 0; i < inputs_; ++i) {
    if (graph.inputs[i].type == InputType::kS8) ranges_[i].bytes = value_bytes(types[i]);
  }
  const int count = static_cast<int>(steps.size());
  for (int i = 0; i < count; ++i) {
    for (const int value : steps[i].outputs) {
      ranges_[value] = {value_bytes(types[value]), i, i};
    }
    for (const int value : steps[i].inputs) ranges_[value].last = i;
  }
  // Graph outputs are read after the last step, whose result must not overwrite them either.
  for (const GraphOutput& output : graph.outputs) ranges_[output.value].last = count;
  for (int i = 0; i < count; ++i) share_storage_of_sum(steps[i], i);
}

void Liveness::share_storage_of_sum(const FusedStep& step, int index) {
  if (!step.post_ops.add || !step.post_ops.f32_output) return;
  const int added = step.inputs.back();
  if (added < inputs_ || std::ranges::count(step.inputs, added) > 1) return;
  const std::size_t storage = storage_[added];
  if (ranges_[storage].last != index) return;
  LiveRange& sum = ranges_[step.outputs.front()];
  storage_[step.outputs.front()] = storage;
  ranges_[storage].last = sum.last;
  sum.bytes = 0;
}

}  // namespace edgebin
