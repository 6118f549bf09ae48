// `add`: the sum of two f32 values. A dimension of either may be 1: its elements are repeated.
#include "ops/elementwise/arithmetic.h"

namespace edgebin {

extern const Op kAdd;
constinit const Op kAdd = arithmetic_op<&kernels::Kernels::add>("add");

}  // namespace edgebin
