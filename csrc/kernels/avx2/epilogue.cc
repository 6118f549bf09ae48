// Epilogue of sums, eight channels at a time, pixel after pixel, the channels' constants in
// registers. No FMA: each step rounds. The last channels are masked.
//
//   instruction   latency  Zen 4 ports  Skylake ports   per 8 channels
//   vcvtdq2ps       3-4     FP23         p01             1 (of integers)
//   vmulps          3-4     FP01         p01             1
//   vaddps          3-4     FP23         p01             2
//   vcmpps          1-4     FP01         p01             3 (for codes)
//   vmovmskps       3-5     FP2          p0              2 (for codes)
//   Bottleneck: vmulps and vcmpps on two ports: 2 cycles.
//
// The bits of a code are those of threshold.cc. The comparison is ordered and quiet: NaN exceeds no
// threshold.
#include <immintrin.h>

#include "kernels/kernels.h"

#include "kernels/generic/code_planes.h"

namespace edgebin::kernels::avx2 {
namespace {

constexpr int kLanes = 8;

// kWhole: all eight lanes are channels. Masked stores are slow, so whole vectors do without.
template <bool kWhole>
__m256 load(const float* at, __m256i lanes) {
  return kWhole ? _mm256_loadu_ps(at) : _mm256_maskload_ps(at, lanes);
}

template <bool kWhole>
__m256 load(const std::int16_t* at, __m256i) {
  const __m128i sums = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  return _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(sums));
}

template <bool kWhole>
__m256 load(const std::int32_t* at, __m256i) {
  return _mm256_cvtepi32_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)));
}

template <bool kWhole>
void store(float* at, __m256i lanes, __m256 value) {
  if (kWhole) {
    _mm256_storeu_ps(at, value);
  } else {
    _mm256_maskstore_ps(at, lanes, value);
  }
}

inline __m256 exceeds(__m256 value, __m256 t) { return _mm256_cmp_ps(value, t, _CMP_GT_OQ); }

// Channels n to n + 8 of all pixels. The task's members one by one, for what is stored might be the
// task.
template <class Sum, bool kWhole, bool kAdds, bool kStores, bool kCodes>
void eight(const EpilogueTask<Sum>& task, int n, __m256i lanes) {
  const std::ptrdiff_t pixels = task.pixels;
  const std::ptrdiff_t sum_step = task.sum_step;
  const std::ptrdiff_t y_step = task.y_step;
  const CodesOut codes = task.codes;
  const Sum* const sums = task.sums + n;
  const float* const added = kAdds ? task.added + n : nullptr;
  float* const y = kStores ? task.y + n : nullptr;
  const auto constant = [&](const float* values) { return load<kWhole>(values + n, lanes); };
  const auto bits = [&](__m256 mask) {
    if (!kWhole) mask = _mm256_and_ps(mask, _mm256_castsi256_ps(lanes));
    return static_cast<unsigned char>(_mm256_movemask_ps(mask));
  };
  const bool scales = task.scale != nullptr;  // or else by what changes no value
  const __m256 scale = scales ? constant(task.scale) : _mm256_set1_ps(1.0f);
  const __m256 bias = scales ? constant(task.bias) : _mm256_set1_ps(-0.0f);
  __m256 sign = _mm256_setzero_ps();
  __m256 t0 = sign;
  __m256 t1 = sign;
  __m256 t2 = sign;
  if constexpr (kCodes) {
    sign = _mm256_and_ps(constant(task.sign), _mm256_set1_ps(-0.0f));
    t0 = constant(task.thresholds);
    t1 = constant(task.thresholds + task.stride);
    t2 = constant(task.thresholds + 2 * task.stride);
  }
  const bool last = n + kLanes >= task.channels;
  for (std::ptrdiff_t p = 0; p < pixels; ++p) {
    __m256 value = load<kWhole>(sums + p * sum_step, lanes);
    value = _mm256_add_ps(_mm256_mul_ps(value, scale), bias);
    if constexpr (kAdds) value = _mm256_add_ps(value, load<kWhole>(added + p * y_step, lanes));
    if constexpr (kStores) store<kWhole>(y + p * y_step, lanes, value);
    if constexpr (kCodes) {
      const __m256 turned = _mm256_xor_ps(value, sign);
      const __m256 high = exceeds(turned, t1);
      const __m256 e0 = exceeds(turned, t0);
      const PlaneBytes planes = plane_bytes(codes, p, n);
      const __m256 low = _mm256_or_ps(_mm256_andnot_ps(high, e0), exceeds(turned, t2));
      store_bits(bits(low), planes.low, n, last);
      store_bits(bits(high), planes.high, n, last);
    }
  }
}

template <class Sum, bool kAdds, bool kStores, bool kCodes>
void epilogue_of(const EpilogueTask<Sum>& task) {
  int n = 0;
  for (; n + kLanes <= task.channels; n += kLanes) {
    eight<Sum, true, kAdds, kStores, kCodes>(task, n, _mm256_set1_epi32(-1));
  }
  if (n < task.channels) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i lanes = _mm256_cmpgt_epi32(_mm256_set1_epi32(task.channels - n), lane);
    eight<Sum, false, kAdds, kStores, kCodes>(task, n, lanes);
  }
}

}  // namespace
}  // namespace edgebin::kernels::avx2

#include "kernels/generic/epilogue.h"
