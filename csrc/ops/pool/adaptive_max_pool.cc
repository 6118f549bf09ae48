// `adaptive_max_pool`: the largest of each cell, of codes or f32; out_h x out_w cells, which
// overlap where they do not divide the picture.
#include "ops/check.h"
#include "ops/pool/pool.h"

namespace edgebin {
namespace {

ValueType infer(const NodeView& view) {
  require_inputs(view, 1, {DType::kCode, DType::kF32});
  require_roles(view, {});
  require_keys(view, {"out_h", "out_w"});
  const PoolCells cells = adaptive_cells(view);
  const ValueType& input = view.inputs[0];
  return output_type(view, input.dtype, cells.rows.cells(), cells.columns.cells(), input.shape.c);
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  return make_max_pool(view.inputs[0], adaptive_cells(view), kernels);
}

}  // namespace

extern const Op kAdaptiveMaxPool;
constinit const Op kAdaptiveMaxPool = {"adaptive_max_pool", infer, prepare};

}  // namespace edgebin
