// Windows of pools, sixteen channels at a time; the last ones are masked.
//
//   instruction   latency  Zen 4 ports  Ice Lake ports   per 16 channels and tap
//   load             -      load         load             1
//   vmaxps          1-4     FP01         p0               1 (max)
//   vaddps          3-4     FP23         p0               1 (mean)
//   Bottleneck: the loads; the latency of vaddps, which four vectors side by side hide.
//
// vmaxps gives its second operand unless the first is greater: NaN never wins.
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::avx512 {
namespace {

constexpr int kLanes = 16;

// Reduce: has start(), take(running, value), finish(running).
template <int kVectors, class Reduce>
void vectors(const float* const* taps, int count, int c, __mmask16 lanes, const Reduce& reduce,
             float* y) {
  __m512 running[kVectors];
  for (int v = 0; v < kVectors; ++v) running[v] = Reduce::start();
  for (int t = 0; t < count; ++t) {
    const float* const at = taps[t] + c;
    for (int v = 0; v < kVectors; ++v) {
      running[v] = Reduce::take(running[v], _mm512_maskz_loadu_ps(lanes, at + v * kLanes));
    }
  }
  for (int v = 0; v < kVectors; ++v) {
    _mm512_mask_storeu_ps(y + c + v * kLanes, lanes, reduce.finish(running[v]));
  }
}

template <class Reduce>
void pool(const float* const* taps, int count, int channels, const Reduce& reduce, float* y) {
  constexpr __mmask16 kAll = 0xffff;
  int c = 0;
  for (; c + 4 * kLanes <= channels; c += 4 * kLanes) {
    vectors<4>(taps, count, c, kAll, reduce, y);
  }
  for (; c + kLanes <= channels; c += kLanes) vectors<1>(taps, count, c, kAll, reduce, y);
  const auto rest = static_cast<__mmask16>((1u << (channels - c)) - 1);
  if (rest != 0) vectors<1>(taps, count, c, rest, reduce, y);
}

struct Max {
  static __m512 start() { return _mm512_set1_ps(-__builtin_inff()); }
  static __m512 take(__m512 running, __m512 value) { return _mm512_max_ps(value, running); }
  static __m512 finish(__m512 running) { return running; }
};

struct Mean {
  __m512 divisor;
  static __m512 start() { return _mm512_setzero_ps(); }
  static __m512 take(__m512 running, __m512 value) { return _mm512_add_ps(running, value); }
  __m512 finish(__m512 running) const { return _mm512_div_ps(running, divisor); }
};

template <int kVectors>
void sums(const std::int32_t* const* taps, int count, int c, __mmask16 lanes,
          const std::int32_t* turn, std::int32_t* y) {
  __m512i turned[kVectors];
  __m512i running[kVectors];
  const auto tap = [&](int t, int v) {
    return _mm512_xor_si512(_mm512_maskz_loadu_epi32(lanes, taps[t] + c + v * kLanes), turned[v]);
  };
  for (int v = 0; v < kVectors; ++v) {
    turned[v] = _mm512_maskz_loadu_epi32(lanes, turn + c + v * kLanes);
    running[v] = tap(0, v);
  }
  for (int t = 1; t < count; ++t) {
    for (int v = 0; v < kVectors; ++v) running[v] = _mm512_max_epi32(running[v], tap(t, v));
  }
  for (int v = 0; v < kVectors; ++v) {
    _mm512_mask_storeu_epi32(y + c + v * kLanes, lanes, _mm512_xor_si512(running[v], turned[v]));
  }
}

void max_sum(const std::int32_t* const* taps, int count, int channels, const std::int32_t* turn,
             std::int32_t* y) {
  constexpr __mmask16 kAll = 0xffff;
  int c = 0;
  for (; c + 4 * kLanes <= channels; c += 4 * kLanes) sums<4>(taps, count, c, kAll, turn, y);
  for (; c + kLanes <= channels; c += kLanes) sums<1>(taps, count, c, kAll, turn, y);
  const auto rest = static_cast<__mmask16>((1u << (channels - c)) - 1);
  if (rest != 0) sums<1>(taps, count, c, rest, turn, y);
}

void max(const float* const* taps, int count, int channels, float* y) {
  pool(taps, count, channels, Max{}, y);
}

void mean(const float* const* taps, int count, int channels, float divisor, float* y) {
  pool(taps, count, channels, Mean{_mm512_set1_ps(divisor)}, y);
}

}  // namespace

void install_pool(Kernels& kernels) {
  kernels.max = max;
  kernels.max_sum = max_sum;
  kernels.mean = mean;
}

}  // namespace edgebin::kernels::avx512
