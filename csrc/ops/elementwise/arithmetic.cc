#include "ops/elementwise/arithmetic.h"

#include <algorithm>

#include "base/error.h"

namespace edgebin {
namespace {

bool fit(int a, int b) { return a == b || a == 1 || b == 1; }

}  // namespace

ValueType infer_arithmetic(const NodeView& view) {
  require_inputs(view, 2, {DType::kF32});
  require_roles(view, {});
  require_keys(view, {});
  const Shape& a = view.inputs[0].shape;
  const Shape& b = view.inputs[1].shape;
  const bool broadcasts =
      view.version >= kBroadcastsSince && fit(a.h, b.h) && fit(a.w, b.w) && fit(a.c, b.c);
  if (a != b && !broadcasts) {
    refuse(view, Rule::kNodeShape,
           message("takes two inputs of one shape",
                   view.version >= kBroadcastsSince ? ", or of 1 in a dimension" : "", ", found ",
                   describe(view.inputs[0]), " and ", describe(view.inputs[1])));
  }
  return output_type(view, DType::kF32, std::max(a.h, b.h), std::max(a.w, b.w), std::max(a.c, b.c));
}

namespace elementwise {

Strides strides_of(const Shape& shape) {
  return {shape.h == 1 ? 0 : std::ptrdiff_t{shape.w} * shape.c, shape.w == 1 ? 0 : shape.c,
          shape.c == 1 ? 0 : 1};
}

}  // namespace elementwise
}  // namespace edgebin
