// Windows of pools, one channel at a time.
#include "kernels/kernels.h"

namespace edgebin::kernels::scalar {
namespace {

void max(const float* const* taps, int count, int channels, float* y) {
  for (int c = 0; c < channels; ++c) {
    float value = -__builtin_inff();
    for (int t = 0; t < count; ++t) value = taps[t][c] > value ? taps[t][c] : value;
    y[c] = value;
  }
}

void mean(const float* const* taps, int count, int channels, float divisor, float* y) {
  for (int c = 0; c < channels; ++c) {
    float sum = 0.0f;
    for (int t = 0; t < count; ++t) sum += taps[t][c];
    y[c] = sum / divisor;
  }
}

}  // namespace

void install_pool(Kernels& kernels) {
  kernels.max = max;
  kernels.mean = mean;
}

}  // namespace edgebin::kernels::scalar
