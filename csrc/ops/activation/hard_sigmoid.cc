// `hard_sigmoid`: min(max(x + 3, 0), 6) / 6.
#include "ops/activation/elementary.h"
#include "ops/elementwise/elementwise.h"

namespace edgebin {
namespace {

float hard_sigmoid(float x) { return relu6_of_plus_3(x) / 6.0f; }

}  // namespace

extern const Op kHardSigmoid;
constinit const Op kHardSigmoid = elementwise_op<hard_sigmoid>("hard_sigmoid", 3);

}  // namespace edgebin
