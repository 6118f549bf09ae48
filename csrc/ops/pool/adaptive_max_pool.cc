// `adaptive_max_pool`: the maximum of each of out_h x out_w cells, of codes or f32. Cells overlap
// where they do not divide the image.
#include "ops/pool/reduce.h"

namespace edgebin {
namespace {

ValueType infer(const NodeView& view) {
  return infer_pool(view, {DType::kCode, DType::kF32}, {"out_h", "out_w"}, adaptive_cells);
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  return make_max_pool(view.inputs[0], adaptive_cells(view), kernels);
}

}  // namespace

extern const Op kAdaptiveMaxPool;
constinit const Op kAdaptiveMaxPool = {.name = "adaptive_max_pool",
                                       .family = Family::kMaximum,
                                       .infer = infer,
                                       .prepare = prepare,
                                       .packed_size_bound = kPackedLikeTheFile};

}  // namespace edgebin
