// Depthwise convolution of f32, sixteen channels at a time; the last ones are masked.
//
//   instruction      latency  Zen 4 ports  Ice Lake ports   per 16 channels and tap of a pixel
//   vmulps m           3-4     FP01, load   p0, load         1
//   vaddps             3-4     FP23         p0               1
//   Bottleneck: with eight pixels, whose sums cover the latency of vaddps: 16 MAC/cycle (Ice Lake
//   8, by p0), where the inputs lie in the first-level cache.
//
// Not FMA: each product is rounded.
#include <immintrin.h>

#include "kernels/kernels.h"

#include "kernels/generic/depthwise.h"

namespace edgebin::kernels::avx512 {
namespace {

struct Whole {
  static constexpr int kChannels = 16;
  static constexpr int kPixels = 8;
  using Sums = __m512;

  explicit Whole(int) {}
  static Sums zero() { return _mm512_setzero_ps(); }
  static __m512 weights(const float* at) { return _mm512_loadu_ps(at); }
  static Sums add(Sums sums, const float* at, __m512 weights) {
    return _mm512_add_ps(sums, _mm512_mul_ps(weights, _mm512_loadu_ps(at)));
  }
  template <bool kAdds>
  static void store(float* to, Sums sums) {
    _mm512_storeu_ps(to, sums);
  }
};

struct Last {
  static constexpr int kChannels = 16;
  using Sums = __m512;
  __mmask16 lanes;

  explicit Last(int count) : lanes(static_cast<__mmask16>((1u << count) - 1)) {}
  static Sums zero() { return _mm512_setzero_ps(); }
  __m512 weights(const float* at) const { return _mm512_maskz_loadu_ps(lanes, at); }
  Sums add(Sums sums, const float* at, __m512 weights) const {
    return _mm512_add_ps(sums, _mm512_mul_ps(weights, _mm512_maskz_loadu_ps(lanes, at)));
  }
  template <bool kAdds>
  void store(float* to, Sums sums) const {
    _mm512_mask_storeu_ps(to, lanes, sums);
  }
};

void depthwise_f32(const DepthwiseF32Task& task) { depthwise<false, Whole, Last>(task); }

}  // namespace

void install_depthwise_f32(Kernels& kernels) { kernels.depthwise_f32 = depthwise_f32; }

}  // namespace edgebin::kernels::avx512
