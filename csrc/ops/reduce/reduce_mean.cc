// `reduce_mean`: the sum over height, width, channels or several of them, over the number of
// elements as f32.
#include "ops/reduce/axes.h"

namespace edgebin {

extern const Op kReduceMean;
constinit const Op kReduceMean =
    reduction_op<&kernels::Kernels::sum_rows, &kernels::Kernels::sum_channels, true>("reduce_mean");

}  // namespace edgebin
