// Pooling windows, one channel at a time.
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

void max_sum(const std::int32_t* const* taps, int count, int channels, const std::int32_t* flip,
             std::int32_t* y) {
  for (int c = 0; c < channels; ++c) {
    std::int32_t value = taps[0][c] ^ flip[c];
    for (int t = 1; t < count; ++t) {
      const std::int32_t flipped = taps[t][c] ^ flip[c];
      value = flipped > value ? flipped : value;
    }
    y[c] = value ^ flip[c];
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
  kernels.max_sum = max_sum;
  kernels.mean = mean;
}

}  // namespace edgebin::kernels::scalar
