// `reduce_sum`: the sum over height, width, channels or several of them.
#include "ops/reduce/axes.h"

namespace edgebin {

extern const Op kReduceSum;
constinit const Op kReduceSum =
    reduction_op<&kernels::Kernels::sum_rows, &kernels::Kernels::sum_channels>("reduce_sum");

}  // namespace edgebin
