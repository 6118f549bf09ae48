// `relu`: x where x > 0, else +0 (so -0 and NaN become +0).
#include "ops/elementwise/elementwise.h"

namespace edgebin {
namespace {

float relu(float x) { return x > 0.0f ? x : 0.0f; }

}  // namespace

extern const Op kRelu;
constinit const Op kRelu = elementwise_op<relu>("relu");

}  // namespace edgebin
