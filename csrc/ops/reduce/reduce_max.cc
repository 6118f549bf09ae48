// `reduce_max`: the maximum over height, width, channels or several of them; NaN never wins.
#include "ops/reduce/axes.h"

namespace edgebin {

extern const Op kReduceMax;
constinit const Op kReduceMax =
    reduction_op<&kernels::Kernels::max_rows, &kernels::Kernels::max_channels>("reduce_max");

}  // namespace edgebin
