// Integer accumulators to real values, sixteen channels at a time; three roundings each. The last
// channels are masked.
//
//   instruction   latency  Zen 4 ports  Ice Lake ports   per 16 channels
//   vcvtdq2ps       3-4     FP23         p0               1
//   vmulps          3-4     FP01         p0               1
//   vaddps          3-4     FP23         p0               1
//   Bottleneck: three loads and a store.
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::avx512 {
namespace {

constexpr int kLanes = 16;

void scale(const std::int32_t* acc, const float* factor, const float* bias, int channels,
           float* y) {
  for (int n = 0; n < channels; n += kLanes) {
    const int left = channels - n;
    const auto lanes = static_cast<__mmask16>(left < kLanes ? (1u << left) - 1 : 0xffffu);
    const __m512i integers = _mm512_maskz_loadu_epi32(lanes, acc + n);
    const __m512 product =
        _mm512_mul_ps(_mm512_cvtepi32_ps(integers), _mm512_maskz_loadu_ps(lanes, factor + n));
    _mm512_mask_storeu_ps(y + n, lanes,
                          _mm512_add_ps(product, _mm512_maskz_loadu_ps(lanes, bias + n)));
  }
}

}  // namespace

void install_scale(Kernels& kernels) { kernels.scale = scale; }

}  // namespace edgebin::kernels::avx512
