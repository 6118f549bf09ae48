// `mul`: the product of two f32 values. A dimension of either may be 1: its elements are repeated.
#include "ops/elementwise/arithmetic.h"

namespace edgebin {
namespace {

float mul(float a, float b) { return a * b; }

}  // namespace

extern const Op kMul;
constinit const Op kMul = arithmetic_op<mul>("mul", 3);

}  // namespace edgebin
