#include "ops/elementwise/elementwise.h"

namespace edgebin {

ValueType infer_elementwise(const NodeView& view) {
  require_inputs(view, 1, {DType::kF32});
  require_roles(view, {});
  require_keys(view, {});
  return view.inputs.front();
}

}  // namespace edgebin
