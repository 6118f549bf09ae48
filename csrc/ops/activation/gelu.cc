// `gelu`: x times the normal distribution function of x. Its smaller tail is half of erfc(|x| /
// sqrt 2) by formula 7.1.26 of Abramowitz and Stegun, so nothing cancels for negative x.
#include "ops/activation/unary.h"

namespace edgebin {

extern const Op kGelu;
constinit const Op kGelu = unary_op<&kernels::Kernels::gelu>("gelu", 3);

}  // namespace edgebin
