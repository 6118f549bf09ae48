// `gelu`: x times the normal distribution function of x. Its smaller tail is half of erfc(|x| /
// sqrt 2) by formula 7.1.26 of Abramowitz and Stegun, so nothing cancels for negative x.
#include "ops/activation/elementary.h"
#include "ops/elementwise/elementwise.h"

namespace edgebin {
namespace {

float gelu(float x) {
  const float a = at_most(magnitude(x), 16.0f);  // beyond, the tail is 0
  const float t = 1.0f / (1.0f + 0x1.4f740ap-2f * (a * 0x1.6a09e6p-1f));
  float p = 0x1.0fb844p+0f;
  p = p * t + -0x1.7401c6p+0f;
  p = p * t + 0x1.6be1c6p+0f;
  p = p * t + -0x1.23531cp-2f;
  p = p * t + 0x1.04f20cp-2f;
  const float tail = (0.5f * a) * ((p * t) * exponential(-0.5f * (a * a)));
  return x > 0.0f ? x - tail : (x < 0.0f ? -tail : x);
}

}  // namespace

extern const Op kGelu;
constinit const Op kGelu = elementwise_op<gelu>("gelu", 3);

}  // namespace edgebin
