// Codes of integer sums, a vector of channels per comparison, pixel after pixel. Comparisons give
// mask registers, which are the bits of the planes; those of the last channels are masked.
//
//   instruction     latency  Zen 4 ports  Ice Lake ports   per vector
//   vpcmpgt k          3-5    FP01         p5               2
//   vpblendm           1      FP0123       p05              1
//   kmov to memory     -      -            p0, store        2
//   Bottleneck: the comparisons: 2 cycles.
//
// With e[j] = [sum > t[j]] and ascending thresholds, e[0] >= e[1] >= e[2], and the code is their
// number: its high bit is e[1], its low bit e[2] where e[1] is set, and otherwise e[0]. So a blend
// of two thresholds by the high bit saves a comparison.
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::avx512 {
namespace {

struct OfI16 {
  using Sum = std::int16_t;
  using Mask = __mmask32;
  static Mask exceeds(Mask lanes, __m512i sums, __m512i t) {
    return _mm512_mask_cmpgt_epi16_mask(lanes, sums, t);
  }
  static __m512i blend(Mask second, __m512i a, __m512i b) {
    return _mm512_mask_blend_epi16(second, a, b);
  }
};

struct OfI32 {
  using Sum = std::int32_t;
  using Mask = __mmask16;
  static Mask exceeds(Mask lanes, __m512i sums, __m512i t) {
    return _mm512_mask_cmpgt_epi32_mask(lanes, sums, t);
  }
  static __m512i blend(Mask second, __m512i a, __m512i b) {
    return _mm512_mask_blend_epi32(second, a, b);
  }
};

// The thresholds of a vector of channels.
struct Steps {
  __m512i t0;
  __m512i t1;
  __m512i t2;
};

template <class Sum>
[[gnu::always_inline]] inline Steps steps_at(const ThresholdTask<Sum>& task, int n) {
  const Sum* const t = task.thresholds + n;
  return {_mm512_loadu_si512(t), _mm512_loadu_si512(t + task.stride),
          _mm512_loadu_si512(t + 2 * task.stride)};
}

template <class Of>
struct Bits {
  typename Of::Mask low;
  typename Of::Mask high;
};

template <class Of>
[[gnu::always_inline]] inline Bits<Of> bits_of(typename Of::Mask lanes, const void* sums,
                                               const Steps& steps) {
  const __m512i sum = _mm512_loadu_si512(sums);
  const auto high = Of::exceeds(lanes, sum, steps.t1);
  return {Of::exceeds(lanes, sum, Of::blend(high, steps.t0, steps.t2)), high};
}

// A vector of channels in a word that has 64.
template <class Of>
void whole_vector(const ThresholdTask<typename Of::Sum>& task, int n) {
  using Mask = typename Of::Mask;
  constexpr auto kAll = static_cast<Mask>(~Mask{0});
  const Steps steps = steps_at(task, n);
  const std::ptrdiff_t sum_step = task.sum_step;
  const std::ptrdiff_t code_step = task.codes.step * std::ptrdiff_t{sizeof(Word)};
  const auto* sums = task.sums + n;
  auto* plane0 = reinterpret_cast<unsigned char*>(task.codes.words) + n / 8;
  auto* plane1 = plane0 + task.codes.plane * std::ptrdiff_t{sizeof(Word)};
  for (int p = task.pixels; p > 0; --p) {
    const Bits<Of> bits = bits_of<Of>(kAll, sums, steps);
    __builtin_memcpy(plane0, &bits.low, sizeof bits.low);
    __builtin_memcpy(plane1, &bits.high, sizeof bits.high);
    sums += sum_step;
    plane0 += code_step;
    plane1 += code_step;
  }
}

// The kVectors vectors of a word that has fewer than 64 channels, from channel n on.
template <class Of, int kVectors>
void last_word(const ThresholdTask<typename Of::Sum>& task, int n) {
  using Mask = typename Of::Mask;
  constexpr int kLanes = 8 * sizeof(Mask);
  constexpr auto kAll = static_cast<Mask>(~Mask{0});
  const int left = task.channels - n - (kVectors - 1) * kLanes;
  const auto last = static_cast<Mask>(kAll >> (kLanes - left));
  Steps steps[kVectors];
  for (int v = 0; v < kVectors; ++v) steps[v] = steps_at(task, n + v * kLanes);
  for (std::ptrdiff_t p = 0; p < task.pixels; ++p) {
    const auto* const sums = task.sums + p * task.sum_step + n;
    Word low = 0;
    Word high = 0;
    for (int v = 0; v < kVectors; ++v) {
      const Mask lanes = v + 1 < kVectors ? kAll : last;
      const Bits<Of> bits = bits_of<Of>(lanes, sums + v * kLanes, steps[v]);
      low |= Word{bits.low} << (v * kLanes);
      high |= Word{bits.high} << (v * kLanes);
    }
    Word* const word = task.codes.words + p * task.codes.step + n / kWordBits;
    word[0] = low;
    word[task.codes.plane] = high;
  }
}

template <class Of, int kVectors>
void last_word_of(const ThresholdTask<typename Of::Sum>& task, int n, int vectors) {
  if constexpr (kVectors > 0) {
    if (vectors == kVectors) return last_word<Of, kVectors>(task, n);
    last_word_of<Of, kVectors - 1>(task, n, vectors);
  }
}

template <class Of>
void threshold(const ThresholdTask<typename Of::Sum>& task) {
  constexpr int kLanes = 8 * sizeof(typename Of::Mask);
  const int whole = task.channels / kWordBits * kWordBits;
  for (int n = 0; n < whole; n += kLanes) whole_vector<Of>(task, n);
  const int vectors = (task.channels - whole + kLanes - 1) / kLanes;
  last_word_of<Of, kWordBits / kLanes>(task, whole, vectors);
}

}  // namespace

void install_threshold(Kernels& kernels) {
  kernels.threshold_i16 = threshold<OfI16>;
  kernels.threshold_i32 = threshold<OfI32>;
}

}  // namespace edgebin::kernels::avx512
