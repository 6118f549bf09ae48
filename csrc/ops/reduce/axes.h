// What the reductions over height, width, channels or several of them share: attributes, type
// inference, and a step that reduces space first and channels second.
#ifndef EDGEBIN_OPS_REDUCE_AXES_H_
#define EDGEBIN_OPS_REDUCE_AXES_H_

#include <memory>

#include "ops/op.h"

namespace edgebin {

// The kernels of a reduction, and whether its result is divided by the number of elements.
struct Reduction {
  kernels::RowsFn rows;
  kernels::PixelsFn channels;
  bool divide = false;
};

// Checks the node and returns the type of its output, where the reduced dimensions are 1.
ValueType infer_reduction(const NodeView& view);

// Prepares a node that infer_reduction accepted.
std::unique_ptr<const Step> make_reduction(const NodeView& view, const Reduction& reduction);

}  // namespace edgebin

#endif  // EDGEBIN_OPS_REDUCE_AXES_H_
