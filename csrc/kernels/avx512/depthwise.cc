// Depthwise convolution of codes and of u8, and the expansion of codes to bytes.
//
//   instruction        latency  Zen 4 ports  Ice Lake ports   per tap of a pixel
//   codes, 64 channels, with signs as a mask:
//     vpsubb {k}            1      FP0123       p05              1 (-code where the weight is -1)
//     vpaddb                1      FP0123       p05              1
//   u8, 16 channels:
//     vpmovzxbd m           3      FP12, load   p5, load         1
//     vpdpwssd              4      FP01         p0               1
//   Bottleneck: codes: two instructions, 64 MAC/cycle on two ports; u8: 16 MAC/cycle.
//
// vpdpwssd multiplies pairs of words: the upper word of an input is zero, that of a weight whatever
// the extension of its sign makes it.
#include <immintrin.h>

#include "kernels/kernels.h"

#include "kernels/generic/depthwise.h"

namespace edgebin::kernels::avx512 {
namespace {

struct Codes {
  static constexpr int kChannels = 64;
  static constexpr int kPixels = 8;
  using Sums = __m512i;

  explicit Codes(int) {}
  static Sums zero() { return _mm512_setzero_si512(); }
  static __mmask64 weights(const std::int8_t* at) {
    return _mm512_movepi8_mask(_mm512_loadu_si512(at));
  }
  static Sums add(Sums sums, const std::uint8_t* at, __mmask64 negative) {
    const __m512i codes = _mm512_loadu_si512(at);
    return _mm512_add_epi8(sums, _mm512_mask_sub_epi8(codes, negative, zero(), codes));
  }
  template <bool kAdds>
  static void store(std::int16_t* to, Sums sums) {
    store_half<kAdds>(to, _mm512_castsi512_si256(sums));
    store_half<kAdds>(to + 32, _mm512_extracti64x4_epi64(sums, 1));
  }

 private:
  template <bool kAdds>
  static void store_half(std::int16_t* to, __m256i sums) {
    __m512i words = _mm512_cvtepi8_epi16(sums);
    if (kAdds) words = _mm512_add_epi16(words, _mm512_loadu_si512(to));
    _mm512_storeu_si512(to, words);
  }
};

// 16, 32 or 48 channels.
struct LastCodes {
  static constexpr int kChannels = 64;
  using Sums = __m512i;
  __mmask64 lanes;

  explicit LastCodes(int count) : lanes((std::uint64_t{1} << count) - 1) {}
  static Sums zero() { return _mm512_setzero_si512(); }
  __mmask64 weights(const std::int8_t* at) const {
    return _mm512_movepi8_mask(_mm512_maskz_loadu_epi8(lanes, at));
  }
  Sums add(Sums sums, const std::uint8_t* at, __mmask64 negative) const {
    const __m512i codes = _mm512_maskz_loadu_epi8(lanes, at);
    return _mm512_add_epi8(sums, _mm512_mask_sub_epi8(codes, negative, zero(), codes));
  }
  template <bool kAdds>
  void store(std::int16_t* to, Sums sums) const {
    store_half<kAdds>(to, _mm512_castsi512_si256(sums), static_cast<__mmask32>(lanes));
    store_half<kAdds>(to + 32, _mm512_extracti64x4_epi64(sums, 1),
                      static_cast<__mmask32>(lanes >> 32));
  }

 private:
  template <bool kAdds>
  static void store_half(std::int16_t* to, __m256i sums, __mmask32 half) {
    __m512i words = _mm512_cvtepi8_epi16(sums);
    if (kAdds) words = _mm512_add_epi16(words, _mm512_maskz_loadu_epi16(half, to));
    _mm512_mask_storeu_epi16(to, half, words);
  }
};

inline __m512i extended(const std::uint8_t* at) {
  return _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
}

struct U8 {
  static constexpr int kChannels = 16;
  static constexpr int kPixels = 8;
  using Sums = __m512i;

  explicit U8(int) {}
  static Sums zero() { return _mm512_setzero_si512(); }
  static __m512i weights(const std::int16_t* at) {
    return _mm512_cvtepi16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)));
  }
  static Sums add(Sums sums, const std::uint8_t* at, __m512i weights) {
    return _mm512_dpwssd_epi32(sums, extended(at), weights);
  }
  template <bool kAdds>
  static void store(std::int32_t* to, Sums sums) {
    _mm512_storeu_si512(to, sums);
  }
};

void depthwise_codes(const DepthwiseCodesTask& task) { depthwise_bytes<Codes, LastCodes>(task); }
void depthwise_u8(const DepthwiseU8Task& task) { depthwise<false, U8, U8>(task); }

// Bits become a mask of bytes.
void expand(const ExpandTask& task) {
  const __m512i one = _mm512_set1_epi8(1);
  const __m512i two = _mm512_set1_epi8(2);
  const Word* low = task.words;
  std::uint8_t* to = task.bytes;
  for (int p = 0; p < task.pixels; ++p, low += task.step, to += task.byte_step) {
    for (int c = 0; c < task.channels; c += kWordBits) {
      const int count = task.channels - c;
      const __m512i lower = _mm512_maskz_mov_epi8(low[c / kWordBits], one);
      const __m512i codes =
          _mm512_mask_add_epi8(lower, low[task.plane + c / kWordBits], lower, two);
      if (count >= kWordBits) {
        _mm512_storeu_si512(to + c, codes);
      } else {
        _mm512_mask_storeu_epi8(to + c, (Word{1} << count) - 1, codes);
      }
    }
  }
}

}  // namespace

void install_depthwise(Kernels& kernels) {
  kernels.expand = expand;
  kernels.depthwise_codes = depthwise_codes;
  kernels.depthwise_u8 = depthwise_u8;
}

}  // namespace edgebin::kernels::avx512
