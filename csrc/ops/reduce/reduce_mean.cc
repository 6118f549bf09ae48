// `reduce_mean`: the sum over height, width, channels or several of them, over the number of
// elements as f32.
#include "ops/reduce/axes.h"

namespace edgebin {
namespace {

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  return make_reduction(view, {kernels.sum_rows, kernels.sum_channels, true});
}

}  // namespace

extern const Op kReduceMean;
constinit const Op kReduceMean = {.name = "reduce_mean",
                                  .family = Family::kOther,
                                  .infer = infer_reduction,
                                  .prepare = prepare,
                                  .packed_size_bound = kPackedLikeTheFile,
                                  .since = 3};

}  // namespace edgebin
