// `flatten`: (H, W, C) becomes (1, 1, H W C).
#include "ops/check.h"
#include "ops/shape/reshape.h"

namespace edgebin {
namespace {

ValueType infer(const NodeView& view) {
  require_inputs(view, 1, {DType::kU8, DType::kCode, DType::kF32});
  require_roles(view, {});
  require_keys(view, {});
  const ValueType& input = view.inputs[0];
  return output_type(view, input.dtype, 1, 1, input.shape.elements());
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels&) {
  const ValueType& input = view.inputs[0];
  return make_reshape(input, {1, 1, static_cast<int>(input.shape.elements())});
}

}  // namespace

extern const Op kFlatten;
constinit const Op kFlatten = {.name = "flatten",
                               .family = Family::kRearrangement,
                               .infer = infer,
                               .prepare = prepare,
                               .packed_size_bound = kPackedLikeTheFile};

}  // namespace edgebin
