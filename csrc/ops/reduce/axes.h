// What the reductions over height, width, channels or several of them share: attributes, type
// inference, and a step that reduces space first and channels second.
#ifndef EDGEBIN_OPS_REDUCE_AXES_H_
#define EDGEBIN_OPS_REDUCE_AXES_H_

#include <memory>
#include <string_view>

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

template <kernels::RowsFn kernels::Kernels::* kRows,
          kernels::PixelsFn kernels::Kernels::* kChannels, bool kDivide>
std::unique_ptr<const Step> prepare_reduction(const NodeView& view,
                                              const kernels::Kernels& kernels) {
  return make_reduction(view, {kernels.*kRows, kernels.*kChannels, kDivide});
}

// The operator of these kernels.
template <kernels::RowsFn kernels::Kernels::* kRows,
          kernels::PixelsFn kernels::Kernels::* kChannels, bool kDivide = false>
constexpr Op reduction_op(std::string_view name) noexcept {
  return {.name = name,
          .family = Family::kOther,
          .infer = infer_reduction,
          .prepare = prepare_reduction<kRows, kChannels, kDivide>,
          .packed_size_bound = kPackedLikeTheFile,
          .since = 3};
}

}  // namespace edgebin

#endif  // EDGEBIN_OPS_REDUCE_AXES_H_
