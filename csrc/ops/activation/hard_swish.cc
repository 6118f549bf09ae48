// `hard_swish`: x min(max(x + 3, 0), 6) / 6.
#include "ops/activation/unary.h"

namespace edgebin {

extern const Op kHardSwish;
constinit const Op kHardSwish = unary_op<&kernels::Kernels::hard_swish>("hard_swish", 3);

}  // namespace edgebin
