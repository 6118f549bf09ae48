// Depthwise convolution of codes and of u8, and the expansion of codes to bytes.
//
//   instruction        latency  Zen 4 ports  Skylake ports   per tap of a pixel
//   codes, 32 channels:
//     load                  -      load         p23             1
//     vpsignb               1      FP0123       p01             1 (+-1 times the code)
//     vpaddb                1      FP0123       p015            1
//   u8, 8 channels:
//     vpmovzxbd m           3      FP12, load   p5, load        1
//     vpmaddwd              3-5    FP03         p01             1
//     vpaddd                1      FP0123       p015            1
//   Bottleneck: codes: 48 MAC/cycle (Zen 4: 64); u8: three instructions, 8 MAC/cycle.
//
// vpmaddwd multiplies pairs of words: the upper word of an input is zero, that of a weight whatever
// the extension of its sign makes it.
#include <immintrin.h>

#include "kernels/kernels.h"

#include "kernels/generic/depthwise.h"

namespace edgebin::kernels::avx2 {
namespace {

inline __m128i load_half(const void* at) {
  return _mm_loadu_si128(static_cast<const __m128i*>(at));
}
inline __m256i load(const void* at) { return _mm256_loadu_si256(static_cast<const __m256i*>(at)); }
inline void store(void* at, __m256i value) {
  _mm256_storeu_si256(static_cast<__m256i*>(at), value);
}

// Sixteen sums.
template <bool kAdds>
inline void store_words(std::int16_t* to, __m128i sums) {
  __m256i words = _mm256_cvtepi8_epi16(sums);
  if (kAdds) words = _mm256_add_epi16(words, load(to));
  store(to, words);
}

struct Codes {
  static constexpr int kChannels = 32;
  static constexpr int kPixels = 8;
  using Sums = __m256i;

  explicit Codes(int) {}
  static Sums zero() { return _mm256_setzero_si256(); }
  static __m256i weights(const std::int8_t* at) { return load(at); }
  static Sums add(Sums sums, const std::uint8_t* at, __m256i weights) {
    return _mm256_add_epi8(sums, _mm256_sign_epi8(load(at), weights));
  }
  template <bool kAdds>
  static void store(std::int16_t* to, Sums sums) {
    store_words<kAdds>(to, _mm256_castsi256_si128(sums));
    store_words<kAdds>(to + 16, _mm256_extracti128_si256(sums, 1));
  }
};

struct LastCodes {
  static constexpr int kChannels = 16;
  using Sums = __m128i;

  explicit LastCodes(int) {}
  static Sums zero() { return _mm_setzero_si128(); }
  static __m128i weights(const std::int8_t* at) { return load_half(at); }
  static Sums add(Sums sums, const std::uint8_t* at, __m128i weights) {
    return _mm_add_epi8(sums, _mm_sign_epi8(load_half(at), weights));
  }
  template <bool kAdds>
  static void store(std::int16_t* to, Sums sums) {
    store_words<kAdds>(to, sums);
  }
};

struct U8 {
  static constexpr int kChannels = 8;
  static constexpr int kPixels = 8;
  using Sums = __m256i;

  explicit U8(int) {}
  static Sums zero() { return _mm256_setzero_si256(); }
  static __m256i weights(const std::int16_t* at) { return _mm256_cvtepi16_epi32(load_half(at)); }
  static Sums add(Sums sums, const std::uint8_t* at, __m256i weights) {
    const __m256i inputs =
        _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(at)));
    return _mm256_add_epi32(sums, _mm256_madd_epi16(inputs, weights));
  }
  template <bool kAdds>
  static void store(std::int32_t* to, Sums sums) {
    avx2::store(to, sums);
  }
};

void depthwise_codes(const DepthwiseCodesTask& task) { depthwise_bytes<Codes, LastCodes>(task); }
void depthwise_u8(const DepthwiseU8Task& task) { depthwise<false, U8, U8>(task); }

// Whether bit i of sixteen is set, in each byte i.
inline __m128i bytes_of(const Word* word, int shift) {
  const __m128i both = _mm_cvtsi32_si128(static_cast<int>(*word >> shift & 0xffff));
  const __m128i spread =
      _mm_shuffle_epi8(both, _mm_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1));
  const __m128i bit = _mm_set1_epi64x(static_cast<long long>(0x8040201008040201));
  return _mm_cmpeq_epi8(_mm_and_si128(spread, bit), bit);
}

void expand(const ExpandTask& task) {
  const __m128i one = _mm_set1_epi8(1);
  const __m128i two = _mm_set1_epi8(2);
  const Word* low = task.words;
  std::uint8_t* to = task.bytes;
  for (int p = 0; p < task.pixels; ++p, low += task.step, to += task.byte_step) {
    for (int c = 0; c < task.channels; c += 16) {
      const Word* const word = low + c / kWordBits;
      const __m128i lower = _mm_and_si128(bytes_of(word, c % kWordBits), one);
      const __m128i upper = _mm_and_si128(bytes_of(word + task.plane, c % kWordBits), two);
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to + c), _mm_or_si128(lower, upper));
    }
  }
}

}  // namespace

void install_depthwise(Kernels& kernels) {
  kernels.expand = expand;
  kernels.depthwise_codes = depthwise_codes;
  kernels.depthwise_u8 = depthwise_u8;
}

}  // namespace edgebin::kernels::avx2
