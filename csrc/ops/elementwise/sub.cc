// `sub`: the difference of two f32 values. A dimension of either may be 1: its elements are
// repeated.
#include "ops/elementwise/arithmetic.h"

namespace edgebin {

extern const Op kSub;
constinit const Op kSub = arithmetic_op<&kernels::Kernels::sub>("sub", 3);

}  // namespace edgebin
