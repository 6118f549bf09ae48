#include "runtime/memory/liveness.h"

#include <algorithm>
#include <numeric>

#include "ops/layout.h"

namespace edgebin {

Liveness::Liveness(const Graph& graph, std::span<const ValueType> types,
                   std::span<const FusedStep> steps)
    : inputs_(static_cast<int>(graph.inputs.size())),
      ranges_(graph.nodes.size()),
      storage_(graph.nodes.size()) {
  std::iota(storage_.begin(), storage_.end(), std::size_t{0});
  const int count = static_cast<int>(steps.size());
  for (int i = 0; i < count; ++i) {
    for (const int value : steps[i].outputs) {
      ranges_[value - inputs_] = {value_bytes(types[value]), i, i};
    }
    for (const int value : steps[i].inputs) extend(value, i);
  }
  // Graph outputs are read after the last step, whose result must not overwrite them either.
  for (const GraphOutput& output : graph.outputs) extend(output.value, count);
  for (int i = 0; i < count; ++i) share_storage_of_sum(steps[i], i);
}

void Liveness::extend(int value, int last) {
  if (value >= inputs_) ranges_[value - inputs_].last = last;
}

void Liveness::share_storage_of_sum(const FusedStep& step, int index) {
  if (!step.post_ops.add || !step.post_ops.f32_output) return;
  const int added = step.inputs.back();
  if (added < inputs_ || std::ranges::count(step.inputs, added) > 1) return;
  const std::size_t storage = storage_[added - inputs_];
  if (ranges_[storage].last != index) return;
  LiveRange& sum = ranges_[step.outputs.front() - inputs_];
  storage_[step.outputs.front() - inputs_] = storage;
  ranges_[storage].last = sum.last;
  sum.bytes = 0;
}

}  // namespace edgebin
