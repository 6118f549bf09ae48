// `hard_swish`: x min(max(x + 3, 0), 6) / 6.
#include "ops/activation/elementary.h"
#include "ops/elementwise/elementwise.h"

namespace edgebin {
namespace {

float hard_swish(float x) { return x * relu6_of_plus_3(x) / 6.0f; }

}  // namespace

extern const Op kHardSwish;
constinit const Op kHardSwish = elementwise_op<hard_swish>("hard_swish", 3);

}  // namespace edgebin
