// `avg_pool`: the sum of each window, row by row, over the number of its positions: all of them
// where `include_pad` is 1, else those inside the picture. It has no dilation.
#include "ops/check.h"
#include "ops/pool/pool.h"

namespace edgebin {
namespace {

bool includes_padding(const NodeView& view) {
  return attribute_or(view, "include_pad", 0, 1, 0) == 1;
}

ValueType infer(const NodeView& view) {
  require_inputs(view, 1, {DType::kF32});
  require_roles(view, {});
  require_keys(view, {"kernel_h", "kernel_w", "stride_h", "stride_w", "pad_top", "pad_left",
                      "pad_bottom", "pad_right", "include_pad"});
  includes_padding(view);
  const PoolCells cells = window_cells(view);
  return output_type(view, DType::kF32, cells.rows.cells(), cells.columns.cells(),
                     view.inputs[0].shape.c);
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  const Window window = pool_window(view);
  const int divisor = includes_padding(view) ? window.rows.kernel * window.columns.kernel : 0;
  return make_avg_pool(view.inputs[0], window_cells(view), divisor, kernels);
}

}  // namespace

extern const Op kAvgPool;
constinit const Op kAvgPool = {"avg_pool", infer, prepare};

}  // namespace edgebin
