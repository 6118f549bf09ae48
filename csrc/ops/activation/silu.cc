// `silu`: x / (1 + e^-x), also called swish.
#include "ops/activation/unary.h"

namespace edgebin {

extern const Op kSilu;
constinit const Op kSilu = unary_op<&kernels::Kernels::silu>("silu", 3);

}  // namespace edgebin
