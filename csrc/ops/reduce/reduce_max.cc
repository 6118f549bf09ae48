// `reduce_max`: the maximum over height, width, channels or several of them; NaN never wins.
#include "ops/reduce/axes.h"

namespace edgebin {
namespace {

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  return make_reduction(view, {kernels.max_rows, kernels.max_channels});
}

}  // namespace

extern const Op kReduceMax;
constinit const Op kReduceMax = {.name = "reduce_max",
                                 .family = Family::kOther,
                                 .infer = infer_reduction,
                                 .prepare = prepare,
                                 .packed_size_bound = kPackedLikeTheFile,
                                 .since = 3};

}  // namespace edgebin
