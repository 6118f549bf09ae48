// `reduce_sum`: the sum over height, width, channels or several of them.
#include "ops/reduce/axes.h"

namespace edgebin {
namespace {

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  return make_reduction(view, {kernels.sum_rows, kernels.sum_channels});
}

}  // namespace

extern const Op kReduceSum;
constinit const Op kReduceSum = {.name = "reduce_sum",
                                 .family = Family::kOther,
                                 .infer = infer_reduction,
                                 .prepare = prepare,
                                 .packed_size_bound = kPackedLikeTheFile,
                                 .since = 3};

}  // namespace edgebin
