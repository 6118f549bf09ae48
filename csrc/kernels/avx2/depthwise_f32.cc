// Depthwise convolution of f32, eight channels at a time; the last ones are masked.
//
//   instruction      latency  Zen 4 ports  Skylake ports   per 8 channels and tap of a pixel
//   vmulps m           3-4     FP01, load   p01, load       1
//   vaddps             3-4     FP23         p01             1
//   Bottleneck: with eight pixels, whose sums cover the latency of vaddps: 16 MAC/cycle (Skylake
//   8, by p01), where the inputs lie in the first-level cache.
//
// Not FMA: each product is rounded.
#include <immintrin.h>

#include "kernels/kernels.h"

#include "kernels/generic/depthwise.h"

namespace edgebin::kernels::avx2 {
namespace {

struct Whole {
  static constexpr int kChannels = 8;
  static constexpr int kPixels = 8;
  using Sums = __m256;

  explicit Whole(int) {}
  static Sums zero() { return _mm256_setzero_ps(); }
  static __m256 weights(const float* at) { return _mm256_loadu_ps(at); }
  static Sums add(Sums sums, const float* at, __m256 weights) {
    return _mm256_add_ps(sums, _mm256_mul_ps(weights, _mm256_loadu_ps(at)));
  }
  template <bool kAdds>
  static void store(float* to, Sums sums) {
    _mm256_storeu_ps(to, sums);
  }
};

struct Last {
  static constexpr int kChannels = 8;
  using Sums = __m256;
  __m256i lanes;

  explicit Last(int count)
      : lanes(_mm256_cmpgt_epi32(_mm256_set1_epi32(count),
                                 _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))) {}
  static Sums zero() { return _mm256_setzero_ps(); }
  __m256 weights(const float* at) const { return _mm256_maskload_ps(at, lanes); }
  Sums add(Sums sums, const float* at, __m256 weights) const {
    return _mm256_add_ps(sums, _mm256_mul_ps(weights, _mm256_maskload_ps(at, lanes)));
  }
  template <bool kAdds>
  void store(float* to, Sums sums) const {
    _mm256_maskstore_ps(to, lanes, sums);
  }
};

void depthwise_f32(const DepthwiseF32Task& task) { depthwise<false, Whole, Last>(task); }

}  // namespace

void install_depthwise_f32(Kernels& kernels) { kernels.depthwise_f32 = depthwise_f32; }

}  // namespace edgebin::kernels::avx2
