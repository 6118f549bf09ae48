// Codes of real values, eight channels per comparison.
//
//   instruction     latency  Zen 4 ports  Skylake ports   per 8 channels
//   vmulps             3-4    FP01         p01             1
//   vcmpps             1-4    FP01         p01             3
//   vmovmskps          3-5    FP2          p0              2
//   vandnps, vorps     1      FP0123       p015            2
//   Bottleneck: vmulps and vcmpps on two ports, the two vmovmskps: about 2 cycles.
//
// Bits of the code as in threshold.cc. The comparison is ordered and quiet: NaN exceeds nothing.
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::avx2 {
namespace {

constexpr int kLanes = 8;

struct Bits {
  Word low;
  Word high;
};

inline Word mask(__m256 lanes) { return static_cast<unsigned>(_mm256_movemask_ps(lanes)); }

inline __m256 exceeds(__m256 value, const float* t) {
  return _mm256_cmp_ps(value, _mm256_loadu_ps(t), _CMP_GT_OQ);
}

inline Bits codes_of_eight(const float* x, const float* sign, const float* t0, int stride) {
  const __m256 value = _mm256_mul_ps(_mm256_loadu_ps(sign), _mm256_loadu_ps(x));
  const __m256 e0 = exceeds(value, t0);
  const __m256 e1 = exceeds(value, t0 + stride);
  const __m256 e2 = exceeds(value, t0 + std::ptrdiff_t{2} * stride);
  return {mask(_mm256_or_ps(_mm256_andnot_ps(e1, e0), e2)), mask(e1)};
}

inline Bits code_of_one(float value, const float* t0, int stride) {
  const Word e0 = value > t0[0];
  const Word e1 = value > t0[stride];
  const Word e2 = value > t0[std::ptrdiff_t{2} * stride];
  return {(e0 & ~e1) | e2, e1};
}

void quantize(const float* x, const float* sign, const float* thresholds, int stride, int channels,
              Word* plane0, Word* plane1) {
  for (int first = 0; first < channels; first += kWordBits) {
    const int end = channels - first < kWordBits ? channels : first + kWordBits;
    Word low = 0;
    Word high = 0;
    int c = first;
    for (; c + kLanes <= end; c += kLanes) {
      const Bits bits = codes_of_eight(x + c, sign + c, thresholds + c, stride);
      low |= bits.low << (c - first);
      high |= bits.high << (c - first);
    }
    for (; c < end; ++c) {
      const Bits bits = code_of_one(sign[c] * x[c], thresholds + c, stride);
      low |= bits.low << (c - first);
      high |= bits.high << (c - first);
    }
    *plane0++ = low;
    *plane1++ = high;
  }
}

}  // namespace

void install_quantize(Kernels& kernels) { kernels.quantize = quantize; }

}  // namespace edgebin::kernels::avx2
