// `mul`: the product of two f32 values. A dimension of either may be 1: its elements are repeated.
#include "ops/elementwise/arithmetic.h"

namespace edgebin {

extern const Op kMul;
constinit const Op kMul = arithmetic_op<&kernels::Kernels::mul>("mul", 3);

}  // namespace edgebin
