// `sub`: the difference of two f32 values. A dimension of either may be 1: its elements are
// repeated.
#include "ops/elementwise/arithmetic.h"

namespace edgebin {
namespace {

float sub(float a, float b) { return a - b; }

}  // namespace

extern const Op kSub;
constinit const Op kSub = arithmetic_op<sub>("sub", 3);

}  // namespace edgebin
