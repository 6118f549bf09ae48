// `gelu_tanh`: the approximation of GELU by tanh, x / (1 + e^-2u) with u = sqrt(2 / pi) (x +
// 0.044715 x^3).
#include "ops/activation/elementary.h"
#include "ops/elementwise/elementwise.h"

namespace edgebin {
namespace {

float gelu_tanh(float x) {
  const float twice_u = 0x1.988454p+0f * (x + 0x1.6e4e26p-5f * ((x * x) * x));
  return x / (1.0f + exponential(-twice_u));
}

}  // namespace

extern const Op kGeluTanh;
constinit const Op kGeluTanh = elementwise_op<gelu_tanh>("gelu_tanh", 3);

}  // namespace edgebin
