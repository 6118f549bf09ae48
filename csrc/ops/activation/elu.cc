// `elu`: x where x > 0, else `alpha` (e^x - 1).
#include "ops/activation/unary.h"

namespace edgebin {
namespace {

ValueType infer(const NodeView& view) {
  require_inputs(view, 1, {DType::kF32});
  require_keys(view, {});
  require_roles(view, {"alpha"});
  optional_f32(view, "alpha", 1);
  return view.inputs[0];
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  const auto alpha = view.node.constants.at("alpha").element<float>(0);
  const auto elu = [kernel = kernels.elu, alpha](const float* x, std::ptrdiff_t count, float* y) {
    kernel(x, count, alpha, y);
  };
  return make_element_step(view.inputs[0].shape, elu);
}

}  // namespace

extern const Op kElu;
constinit const Op kElu = elementwise_op("elu", infer, prepare, 3);

}  // namespace edgebin
