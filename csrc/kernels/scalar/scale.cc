// Integer accumulators to real values; three roundings, in the order of the formula.
#include "kernels/kernels.h"

namespace edgebin::kernels::scalar {
namespace {

void scale(const std::int32_t* acc, const float* factor, const float* bias, int channels,
           float* y) {
  for (int n = 0; n < channels; ++n) y[n] = static_cast<float>(acc[n]) * factor[n] + bias[n];
}

}  // namespace

void install_scale(Kernels& kernels) { kernels.scale = scale; }

}  // namespace edgebin::kernels::scalar
