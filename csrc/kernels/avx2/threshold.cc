// Codes of integer accumulators, eight channels per comparison.
//
//   instruction     latency  Zen 4 ports  Skylake ports   per 8 channels
//   vpcmpgtd           1      FP0123       p01             3
//   vmovmskps         3-5     FP2          p0              2
//   vpandn, vpor       1      FP0123       p015            2
//   Bottleneck: the two vmovmskps and the shifts that join their bits: about 2 cycles.
//
// With e[j] = [acc > t[j]] and ascending thresholds e[0] >= e[1] >= e[2], and the code is their
// number: its high bit is e[1], its low bit (e[0] and not e[1]) or e[2].
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::avx2 {
namespace {

constexpr int kLanes = 8;

struct Bits {
  Word low;
  Word high;
};

inline __m256i load(const std::int32_t* at) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}

inline Word mask(__m256i lanes) {
  return static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(lanes)));
}

inline Bits codes_of_eight(const std::int32_t* acc, const std::int32_t* t0, int stride) {
  const __m256i value = load(acc);
  const __m256i e0 = _mm256_cmpgt_epi32(value, load(t0));
  const __m256i e1 = _mm256_cmpgt_epi32(value, load(t0 + stride));
  const __m256i e2 = _mm256_cmpgt_epi32(value, load(t0 + std::ptrdiff_t{2} * stride));
  return {mask(_mm256_or_si256(_mm256_andnot_si256(e1, e0), e2)), mask(e1)};
}

inline Bits code_of_one(std::int32_t acc, const std::int32_t* t0, int stride) {
  const Word e0 = acc > t0[0];
  const Word e1 = acc > t0[stride];
  const Word e2 = acc > t0[std::ptrdiff_t{2} * stride];
  return {(e0 & ~e1) | e2, e1};
}

void threshold(const std::int32_t* acc, const std::int32_t* thresholds, int stride, int channels,
               Word* plane0, Word* plane1) {
  for (int first = 0; first < channels; first += kWordBits) {
    const int end = channels - first < kWordBits ? channels : first + kWordBits;
    Word low = 0;
    Word high = 0;
    int n = first;
    for (; n + kLanes <= end; n += kLanes) {
      const Bits bits = codes_of_eight(acc + n, thresholds + n, stride);
      low |= bits.low << (n - first);
      high |= bits.high << (n - first);
    }
    for (; n < end; ++n) {
      const Bits bits = code_of_one(acc[n], thresholds + n, stride);
      low |= bits.low << (n - first);
      high |= bits.high << (n - first);
    }
    *plane0++ = low;
    *plane1++ = high;
  }
}

}  // namespace

void install_threshold(Kernels& kernels) { kernels.threshold = threshold; }

}  // namespace edgebin::kernels::avx2
