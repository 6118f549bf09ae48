// `max_pool`: the largest of each window, of codes or f32. Padding never wins; a window without a
// position inside the picture gives code 0 or -inf.
#include "ops/check.h"
#include "ops/pool/pool.h"

namespace edgebin {
namespace {

ValueType infer(const NodeView& view) {
  require_inputs(view, 1, {DType::kCode, DType::kF32});
  require_roles(view, {});
  require_keys(view, {"kernel_h", "kernel_w", "stride_h", "stride_w", "dilation_h", "dilation_w",
                      "pad_top", "pad_left", "pad_bottom", "pad_right"});
  const PoolCells cells = window_cells(view);
  const ValueType& input = view.inputs[0];
  return output_type(view, input.dtype, cells.rows.cells(), cells.columns.cells(), input.shape.c);
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  return make_max_pool(view.inputs[0], window_cells(view), kernels);
}

}  // namespace

extern const Op kMaxPool;
constinit const Op kMaxPool = {"max_pool", infer, prepare};

}  // namespace edgebin
