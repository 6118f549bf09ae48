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
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  const __m256i lanes = _mm256_cmpgt_epi32(_mm256_set1_epi32(channels - c), lane);
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

void max(const float* const* taps, int count, int channels, float* y) {
  pool(taps, count, channels, Max{}, y);
}

void mean(const float* const* taps, int count, int channels, float divisor, float* y) {
  pool(taps, count, channels, Mean{_mm256_set1_ps(divisor)}, y);
}

}  // namespace

void install_pool(Kernels& kernels) {
  kernels.max = max;
  kernels.mean = mean;
}

}  // namespace edgebin::kernels::avx2
