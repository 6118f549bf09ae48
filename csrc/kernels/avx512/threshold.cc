// Codes of integer accumulators, sixteen channels per comparison. Comparisons give mask registers,
// which are the bits of the planes; those of the last channels are masked.
//
//   instruction     latency  Zen 4 ports  Ice Lake ports   per 16 channels
//   vpcmpgtd k         3-5    FP01         p5               3
//   kmov, shift, or    -      -            p0, p06          4
//   Bottleneck: the comparisons: on Zen 4, with 256-bit ports, 3 cycles.
//
// With e[j] = [acc > t[j]] and ascending thresholds e[0] >= e[1] >= e[2], and the code is their
// number: its high bit is e[1], its low bit (e[0] and not e[1]) or e[2].
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::avx512 {
namespace {

constexpr int kLanes = 16;

void threshold(const std::int32_t* acc, const std::int32_t* thresholds, int stride, int channels,
               Word* plane0, Word* plane1) {
  for (int first = 0; first < channels; first += kWordBits) {
    const int end = channels - first < kWordBits ? channels : first + kWordBits;
    Word low = 0;
    Word high = 0;
    for (int n = first; n < end; n += kLanes) {
      const auto lanes = static_cast<__mmask16>(end - n < kLanes ? (1u << (end - n)) - 1 : 0xffffu);
      const __m512i value = _mm512_maskz_loadu_epi32(lanes, acc + n);
      const auto exceeded = [&](int rank) -> Word {
        const std::int32_t* const t = thresholds + std::ptrdiff_t{rank} * stride + n;
        return _mm512_mask_cmpgt_epi32_mask(lanes, value, _mm512_maskz_loadu_epi32(lanes, t));
      };
      const Word e1 = exceeded(1);
      low |= ((exceeded(0) & ~e1) | exceeded(2)) << (n - first);
      high |= e1 << (n - first);
    }
    *plane0++ = low;
    *plane1++ = high;
  }
}

}  // namespace

void install_threshold(Kernels& kernels) { kernels.threshold = threshold; }

}  // namespace edgebin::kernels::avx512
