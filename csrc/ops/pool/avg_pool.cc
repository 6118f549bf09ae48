// `avg_pool`: the sum of each window of f32, row by row, over the number of its positions: all of
// them where `include_pad` is 1, else those inside the image. It has no dilation.
#include "ops/pool/reduce.h"

namespace edgebin {
namespace {

bool includes_padding(const NodeView& view) {
  return attribute_or(view, "include_pad", 0, 1, 0) == 1;
}

PoolCells cells_of(const NodeView& view) {
  includes_padding(view);  // checks the attribute
  return window_cells(view);
}

ValueType infer(const NodeView& view) {
  return infer_pool(view, {DType::kF32},
                    {"kernel_h", "kernel_w", "stride_h", "stride_w", "pad_top", "pad_left",
                     "pad_bottom", "pad_right", "include_pad"},
                    cells_of);
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  const Window window = pool_window(view);
  const int divisor = includes_padding(view) ? window.rows.kernel * window.columns.kernel : 0;
  return make_avg_pool(view.inputs[0], window_cells(view), divisor, kernels);
}

}  // namespace

extern const Op kAvgPool;
constinit const Op kAvgPool = {.name = "avg_pool",
                               .family = Family::kOther,
                               .infer = infer,
                               .prepare = prepare,
                               .packed_size_bound = kPackedLikeTheFile};

}  // namespace edgebin
