// `adaptive_avg_pool`: the mean of each of out_h x out_w cells of f32. Cells overlap where they do
// not divide the image.
#include "ops/pool/reduce.h"

namespace edgebin {
namespace {

ValueType infer(const NodeView& view) {
  return infer_pool(view, {DType::kF32}, {"out_h", "out_w"}, adaptive_cells);
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  return make_avg_pool(view.inputs[0], adaptive_cells(view), 0, kernels);
}

}  // namespace

extern const Op kAdaptiveAvgPool;
constinit const Op kAdaptiveAvgPool = {.name = "adaptive_avg_pool",
                                       .family = Family::kOther,
                                       .infer = infer,
                                       .prepare = prepare,
                                       .packed_size_bound = kPackedLikeTheFile};

}  // namespace edgebin
