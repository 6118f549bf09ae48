// Codes of real values, sixteen channels per comparison; masks as in threshold.cc.
//
//   instruction     latency  Zen 4 ports  Ice Lake ports   per 16 channels
//   vmulps             3-4    FP01         p0               1
//   vcmpps k           3-5    FP01         p5               3
//   kmov, shift, or    -      -            p0, p06          4
//   Bottleneck: vmulps and the comparisons on two ports: on Zen 4, with 256-bit ports, 4 cycles.
//
// The comparison is ordered and quiet: NaN exceeds nothing.
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::avx512 {
namespace {

constexpr int kLanes = 16;

void quantize(const float* x, const float* sign, const float* thresholds, int stride, int channels,
              Word* plane0, Word* plane1) {
  for (int first = 0; first < channels; first += kWordBits) {
    const int end = channels - first < kWordBits ? channels : first + kWordBits;
    Word low = 0;
    Word high = 0;
    for (int c = first; c < end; c += kLanes) {
      const auto lanes = static_cast<__mmask16>(end - c < kLanes ? (1u << (end - c)) - 1 : 0xffffu);
      const __m512 value = _mm512_mul_ps(_mm512_maskz_loadu_ps(lanes, sign + c),
                                         _mm512_maskz_loadu_ps(lanes, x + c));
      const auto exceeded = [&](int rank) -> Word {
        const float* const t = thresholds + std::ptrdiff_t{rank} * stride + c;
        return _mm512_mask_cmp_ps_mask(lanes, value, _mm512_maskz_loadu_ps(lanes, t), _CMP_GT_OQ);
      };
      const Word e1 = exceeded(1);
      low |= ((exceeded(0) & ~e1) | exceeded(2)) << (c - first);
      high |= e1 << (c - first);
    }
    *plane0++ = low;
    *plane1++ = high;
  }
}

}  // namespace

void install_quantize(Kernels& kernels) { kernels.quantize = quantize; }

}  // namespace edgebin::kernels::avx512
