// `adaptive_avg_pool`: the mean of each cell of f32; out_h x out_w cells, which overlap where they
// do not divide the picture.
#include "ops/check.h"
#include "ops/pool/pool.h"

namespace edgebin {
namespace {

ValueType infer(const NodeView& view) {
  require_inputs(view, 1, {DType::kF32});
  require_roles(view, {});
  require_keys(view, {"out_h", "out_w"});
  const PoolCells cells = adaptive_cells(view);
  const ValueType& input = view.inputs[0];
  return output_type(view, input.dtype, cells.rows.cells(), cells.columns.cells(), input.shape.c);
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  return make_avg_pool(view.inputs[0], adaptive_cells(view), 0, kernels);
}

}  // namespace

extern const Op kAdaptiveAvgPool;
constinit const Op kAdaptiveAvgPool = {"adaptive_avg_pool", infer, prepare};

}  // namespace edgebin
