// Codes of integer sums, 32 channels at a time, pixel after pixel; bits of the last channels are
// masked.
//
//   instruction           latency  Zen 4 ports  Skylake ports   per 32 channels, i16 (i32)
//   vpcmpgtw, vpcmpgtd       1      FP0123       p01             6 (12)
//   vpandn, vpor             1      FP0123       p015            4 (8)
//   vpack, vperm            1-6     FP12         p5              4 (12)
//   vpmovmskb               3-5     FP2          p0              2
//   Bottleneck: the packs: about 3 (8) cycles.
//
// With e[j] = [sum > t[j]] and ascending thresholds, e[0] >= e[1] >= e[2], and the code is their
// number: its high bit is e[1], its low bit (e[0] and not e[1]) or e[2].
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::avx2 {
namespace {

constexpr int kChannels = 32;

// Masks of the low and the high bits.
struct Masks {
  __m256i low;
  __m256i high;
};

inline __m256i load(const void* at) { return _mm256_loadu_si256(static_cast<const __m256i*>(at)); }

inline Masks masks_of(__m256i e0, __m256i e1, __m256i e2) {
  return {_mm256_or_si256(_mm256_andnot_si256(e1, e0), e2), e1};
}

// Sixteen channels, 16 bits each.
inline Masks sixteen(const std::int16_t* sums, const std::int16_t* t, std::ptrdiff_t stride) {
  const __m256i sum = load(sums);
  return masks_of(_mm256_cmpgt_epi16(sum, load(t)), _mm256_cmpgt_epi16(sum, load(t + stride)),
                  _mm256_cmpgt_epi16(sum, load(t + 2 * stride)));
}

inline Masks eight(const std::int32_t* sums, const std::int32_t* t, std::ptrdiff_t stride) {
  const __m256i sum = load(sums);
  return masks_of(_mm256_cmpgt_epi32(sum, load(t)), _mm256_cmpgt_epi32(sum, load(t + stride)),
                  _mm256_cmpgt_epi32(sum, load(t + 2 * stride)));
}

inline __m256i in_order(__m256i packed) { return _mm256_permute4x64_epi64(packed, 0xd8); }

inline Masks sixteen(const std::int32_t* sums, const std::int32_t* t, std::ptrdiff_t stride) {
  const Masks a = eight(sums, t, stride);
  const Masks b = eight(sums + 8, t + 8, stride);
  return {in_order(_mm256_packs_epi32(a.low, b.low)), in_order(_mm256_packs_epi32(a.high, b.high))};
}

inline std::uint32_t bits_of(__m256i a, __m256i b) {
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(in_order(_mm256_packs_epi16(a, b))));
}

template <class Sum>
void threshold(const ThresholdTask<Sum>& task) {
  const int padded = (task.channels + kWordBits - 1) / kWordBits * kWordBits;
  for (int n = 0; n < padded; n += kChannels) {
    const int left = task.channels - n;
    const std::uint32_t lanes = left >= kChannels ? ~0u : left > 0 ? (1u << left) - 1 : 0u;
    const Sum* const t = task.thresholds + n;
    auto* plane0 = reinterpret_cast<unsigned char*>(task.codes.words) + n / 8;
    auto* plane1 = plane0 + task.codes.plane * std::ptrdiff_t{sizeof(Word)};
    for (int p = 0; p < task.pixels; ++p) {
      std::uint32_t low = 0;
      std::uint32_t high = 0;
      if (left > 0) {
        const Sum* const sums = task.sums + p * task.sum_step + n;
        const Masks a = sixteen(sums, t, task.stride);
        const Masks b = left > 16 ? sixteen(sums + 16, t + 16, task.stride) : Masks{};
        low = bits_of(a.low, b.low) & lanes;
        high = bits_of(a.high, b.high) & lanes;
      }
      __builtin_memcpy(plane0, &low, sizeof low);
      __builtin_memcpy(plane1, &high, sizeof high);
      plane0 += task.codes.step * std::ptrdiff_t{sizeof(Word)};
      plane1 += task.codes.step * std::ptrdiff_t{sizeof(Word)};
    }
  }
}

}  // namespace

void install_threshold(Kernels& kernels) {
  kernels.threshold_i16 = threshold<std::int16_t>;
  kernels.threshold_i32 = threshold<std::int32_t>;
}

}  // namespace edgebin::kernels::avx2
