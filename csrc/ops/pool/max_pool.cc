// `max_pool`: the maximum of each window, of codes or f32. Padding never wins; a window entirely
// outside the image gives code 0 or -inf.
#include "ops/pool/reduce.h"

namespace edgebin {
namespace {

ValueType infer(const NodeView& view) {
  return infer_pool(view, {DType::kCode, DType::kF32},
                    {"kernel_h", "kernel_w", "stride_h", "stride_w", "dilation_h", "dilation_w",
                     "pad_top", "pad_left", "pad_bottom", "pad_right"},
                    window_cells);
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  return make_max_pool(view.inputs[0], window_cells(view), kernels);
}

}  // namespace

extern const Op kMaxPool;
constinit const Op kMaxPool = {.name = "max_pool",
                               .family = Family::kMaximum,
                               .infer = infer,
                               .prepare = prepare,
                               .packed_size_bound = kPackedLikeTheFile};

}  // namespace edgebin
