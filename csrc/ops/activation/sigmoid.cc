// `sigmoid`: 1 / (1 + e^-x).
#include "ops/activation/elementary.h"
#include "ops/elementwise/elementwise.h"

namespace edgebin {
namespace {

float sigmoid(float x) { return 1.0f / (1.0f + exponential(-x)); }

}  // namespace

extern const Op kSigmoid;
constinit const Op kSigmoid = elementwise_op<sigmoid>("sigmoid", 3);

}  // namespace edgebin
