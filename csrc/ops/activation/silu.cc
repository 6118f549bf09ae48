// `silu`: x / (1 + e^-x), also called swish.
#include "ops/activation/elementary.h"
#include "ops/elementwise/elementwise.h"

namespace edgebin {
namespace {

float silu(float x) { return x / (1.0f + exponential(-x)); }

}  // namespace

extern const Op kSilu;
constinit const Op kSilu = elementwise_op<silu>("silu", 3);

}  // namespace edgebin
