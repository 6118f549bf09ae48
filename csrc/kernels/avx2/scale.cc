// Integer accumulators to real values, eight channels at a time; three roundings each.
//
//   instruction   latency  Zen 4 ports  Skylake ports   per 8 channels
//   vcvtdq2ps       3-4     FP23         p01             1
//   vmulps          3-4     FP01         p01             1
//   vaddps          3-4     FP23         p01             1
//   Bottleneck: three loads and a store.
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::avx2 {
namespace {

constexpr int kLanes = 8;

void scale(const std::int32_t* acc, const float* factor, const float* bias, int channels,
           float* y) {
  int n = 0;
  for (; n + kLanes <= channels; n += kLanes) {
    const __m256i integers = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(acc + n));
    const __m256 product = _mm256_mul_ps(_mm256_cvtepi32_ps(integers), _mm256_loadu_ps(factor + n));
    _mm256_storeu_ps(y + n, _mm256_add_ps(product, _mm256_loadu_ps(bias + n)));
  }
  for (; n < channels; ++n) y[n] = static_cast<float>(acc[n]) * factor[n] + bias[n];
}

}  // namespace

void install_scale(Kernels& kernels) { kernels.scale = scale; }

}  // namespace edgebin::kernels::avx2
