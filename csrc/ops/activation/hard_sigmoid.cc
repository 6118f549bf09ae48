// `hard_sigmoid`: min(max(x + 3, 0), 6) / 6.
#include "ops/activation/unary.h"

namespace edgebin {

extern const Op kHardSigmoid;
constinit const Op kHardSigmoid = unary_op<&kernels::Kernels::hard_sigmoid>("hard_sigmoid", 3);

}  // namespace edgebin
