// `add`: the sum of two f32 values of one shape.
#include "ops/elementwise/elementwise.h"

namespace edgebin {
namespace {

float add(float a, float b) { return a + b; }

}  // namespace

extern const Op kAdd;
constinit const Op kAdd = elementwise_op<add>("add");

}  // namespace edgebin
