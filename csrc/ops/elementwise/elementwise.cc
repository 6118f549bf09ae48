#include "ops/elementwise/elementwise.h"

#include "base/error.h"

namespace edgebin {

ValueType infer_elementwise(const NodeView& view, std::size_t count) {
  require_inputs(view, count, {DType::kF32});
  require_roles(view, {});
  require_keys(view, {});
  const ValueType& first = view.inputs.front();
  const ValueType& last = view.inputs.back();
  if (first.shape != last.shape) {
    refuse(
        view, Rule::kNodeShape,
        message("takes two inputs of one shape, found ", describe(first), " and ", describe(last)));
  }
  return first;
}

}  // namespace edgebin
