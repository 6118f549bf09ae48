// `tanh`: the hyperbolic tangent: near 0 the polynomial of Cephes, which keeps the relative error
// small, else 1 - 2 / (e^2|x| + 1).
#include "ops/activation/elementary.h"
#include "ops/elementwise/elementwise.h"

namespace edgebin {
namespace {

float tangent(float x) {
  const float a = magnitude(x);
  const float z = x * x;
  float p = -0x1.75e358p-8f;
  p = p * z + 0x1.522500p-6f;
  p = p * z + -0x1.b83c4ap-5f;
  p = p * z + 0x1.110694p-3f;
  p = p * z + -0x1.5554fap-2f;
  const float near = x + x * z * p;
  const float far = with_sign_of(1.0f - 2.0f / (exponential(2.0f * a) + 1.0f), x);
  return a < 0.625f ? near : far;
}

}  // namespace

extern const Op kTanh;
constinit const Op kTanh = elementwise_op<tangent>("tanh", 3);

}  // namespace edgebin
