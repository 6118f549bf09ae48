// Windows of pools, eight channels at a time; the last ones are masked.
//
//   instruction   latency  Zen 4 ports  Skylake ports   per 8 channels and tap
//   load             -      load         p23             1
//   vmaxps          1-4     FP01         p01             1 (max)
//   vaddps          3-4     FP23         p01             1 (mean)
//   Bottleneck: the loads; the latency of vaddps, which four vectors side by side hide.
//
// vmaxps gives its second operand unless the first is greater: NaN never wins.
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::avx2 {
namespace {

constexpr int kLanes = 8;

// The lanes of a vector that are below `count`.
__m256i first_lanes(int count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

struct Max {
  static __m256 start() { return _mm256_set1_ps(-__builtin_inff()); }
  static __m256 take(__m256 running, __m256 value) { return _mm256_max_ps(value, running); }
  static __m256 finish(__m256 running) { return running; }
};

struct Mean {
  __m256 divisor;
  static __m256 start() { return _mm256_setzero_ps(); }
  static __m256 take(__m256 running, __m256 value) { return _mm256_add_ps(running, value); }
  __m256 finish(__m256 running) const { return _mm256_div_ps(running, divisor); }
};

template <int kVectors, class Reduce>
void vectors(const float* const* taps, int count, int c, const Reduce& reduce, float* y) {
  __m256 running[kVectors];
  for (int v = 0; v < kVectors; ++v) running[v] = Reduce::start();
  for (int t = 0; t < count; ++t) {
    const float* const at = taps[t] + c;
    for (int v = 0; v < kVectors; ++v) {
      running[v] = Reduce::take(running[v], _mm256_loadu_ps(at + v * kLanes));
    }
  }
  for (int v = 0; v < kVectors; ++v) {
    _mm256_storeu_ps(y + c + v * kLanes, reduce.finish(running[v]));
  }
}

template <class Reduce>
void last_vector(const float* const* taps, int count, int c, int channels, const Reduce& reduce,
                 float* y) {
  const __m256i lanes = first_lanes(channels - c);
  __m256 running = Reduce::start();
  for (int t = 0; t < count; ++t) {
    running = Reduce::take(running, _mm256_maskload_ps(taps[t] + c, lanes));
  }
  _mm256_maskstore_ps(y + c, lanes, reduce.finish(running));
}

template <class Reduce>
void pool(const float* const* taps, int count, int channels, const Reduce& reduce, float* y) {
  int c = 0;
  for (; c + 4 * kLanes <= channels; c += 4 * kLanes) vectors<4>(taps, count, c, reduce, y);
  for (; c + kLanes <= channels; c += kLanes) vectors<1>(taps, count, c, reduce, y);
  if (c < channels) last_vector(taps, count, c, channels, reduce, y);
}

template <int kVectors, bool kWhole>
void sums(const std::int32_t* const* taps, int count, int c, __m256i lanes,
          const std::int32_t* turn, std::int32_t* y) {
  const auto load = [&](const std::int32_t* at) {
    return kWhole ? _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at))
                  : _mm256_maskload_epi32(at, lanes);
  };
  __m256i turned[kVectors];
  __m256i running[kVectors];
  const auto tap = [&](int t, int v) {
    return _mm256_xor_si256(load(taps[t] + c + v * kLanes), turned[v]);
  };
  for (int v = 0; v < kVectors; ++v) {
    turned[v] = load(turn + c + v * kLanes);
    running[v] = tap(0, v);
  }
  for (int t = 1; t < count; ++t) {
    for (int v = 0; v < kVectors; ++v) running[v] = _mm256_max_epi32(running[v], tap(t, v));
  }
  for (int v = 0; v < kVectors; ++v) {
    const __m256i value = _mm256_xor_si256(running[v], turned[v]);
    std::int32_t* const at = y + c + v * kLanes;
    if (kWhole) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(at), value);
    } else {
      _mm256_maskstore_epi32(at, lanes, value);
    }
  }
}

void max_sum(const std::int32_t* const* taps, int count, int channels, const std::int32_t* turn,
             std::int32_t* y) {
  const __m256i all = _mm256_set1_epi32(-1);
  int c = 0;
  for (; c + 4 * kLanes <= channels; c += 4 * kLanes) sums<4, true>(taps, count, c, all, turn, y);
  for (; c + kLanes <= channels; c += kLanes) sums<1, true>(taps, count, c, all, turn, y);
  if (c < channels) sums<1, false>(taps, count, c, first_lanes(channels - c), turn, y);
}

void max(const float* const* taps, int count, int channels, float* y) {
  pool(taps, count, channels, Max{}, y);
}

void mean(const float* const* taps, int count, int channels, float divisor, float* y) {
  pool(taps, count, channels, Mean{_mm256_set1_ps(divisor)}, y);
}

}  // namespace

void install_pool(Kernels& kernels) {
  kernels.max = max;
  kernels.max_sum = max_sum;
  kernels.mean = mean;
}

}  // namespace edgebin::kernels::avx2
