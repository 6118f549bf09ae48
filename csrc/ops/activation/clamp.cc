// `clamp`: x within `min` and `max`; NaN stays NaN.
#include "ops/activation/unary.h"

namespace edgebin {
namespace {

ValueType infer(const NodeView& view) {
  require_inputs(view, 1, {DType::kF32});
  require_keys(view, {});
  require_roles(view, {"min", "max"});
  const Constant& min = *optional_f32(view, "min", 1);
  const Constant& max = *optional_f32(view, "max", 1);
  if (min.element<float>(0) > max.element<float>(0)) {
    refuse(view, Rule::kConstantRange, "min is at most max, found a larger one");
  }
  return view.inputs[0];
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  const auto bound = [&](const char* role) {
    return view.node.constants.at(role).element<float>(0);
  };
  const auto clamp = [kernel = kernels.clamp, min = bound("min"), max = bound("max")](
                         const float* x, std::ptrdiff_t count, float* y) {
    kernel(x, count, min, max, y);
  };
  return make_element_step(view.inputs[0].shape, clamp);
}

}  // namespace

extern const Op kClamp;
constinit const Op kClamp = elementwise_op("clamp", infer, prepare, 3);

}  // namespace edgebin
