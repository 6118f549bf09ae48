// Epilogue of sums, sixteen channels at a time, pixel after pixel, the channels' constants in
// registers. No FMA: each step rounds. The last channels are masked.
//
//   instruction     latency  Zen 4 ports  Ice Lake ports   per 16 channels
//   vcvtdq2ps          3-4    FP23         p0               1 (of integers)
//   vmulps             3-4    FP01         p0               1
//   vaddps             3-4    FP23         p0               2
//   vcmpps k           3-5    FP01         p5               2 (for codes)
//   vblendmps          1      FP0123       p05              1 (for codes)
//   Bottleneck: vmulps and the comparisons on two ports: on Zen 4, with 256-bit ports, 3 cycles.
//
// The bits of a code are those of threshold.cc. The comparison is ordered and quiet: NaN exceeds no
// threshold.
#include <immintrin.h>

#include "kernels/kernels.h"

#include "kernels/generic/code_planes.h"

namespace edgebin::kernels::avx512 {
namespace {

constexpr int kLanes = 16;

inline __m512 load(const std::int16_t* at, __mmask16) {
  const __m256i sums = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
  return _mm512_cvtepi32_ps(_mm512_cvtepi16_epi32(sums));
}

inline __m512 load(const std::int32_t* at, __mmask16) {
  return _mm512_cvtepi32_ps(_mm512_loadu_si512(at));
}

inline __m512 load(const float* at, __mmask16 lanes) { return _mm512_maskz_loadu_ps(lanes, at); }

inline __mmask16 exceeds(__mmask16 lanes, __m512 value, __m512 t) {
  return _mm512_mask_cmp_ps_mask(lanes, value, t, _CMP_GT_OQ);
}

// The constants of sixteen channels.
struct Channels {
  __mmask16 lanes;
  __m512 scale;
  __m512 bias;
  __m512 sign;  // the sign bit alone
  __m512 t0;
  __m512 t1;
  __m512 t2;
};

template <class Sum>
[[gnu::always_inline]] inline Channels channels_at(const EpilogueTask<Sum>& task, int n) {
  Channels at{};
  at.scale = _mm512_set1_ps(1.0f);  // with the bias, what changes no value
  at.bias = _mm512_set1_ps(-0.0f);
  const int left = task.channels - n;
  at.lanes = static_cast<__mmask16>(left < kLanes ? (1u << left) - 1 : 0xffffu);
  if (task.scale != nullptr) {
    at.scale = _mm512_maskz_loadu_ps(at.lanes, task.scale + n);
    at.bias = _mm512_maskz_loadu_ps(at.lanes, task.bias + n);
  }
  if (task.sign != nullptr) {
    at.sign = _mm512_and_ps(_mm512_maskz_loadu_ps(at.lanes, task.sign + n), _mm512_set1_ps(-0.0f));
    at.t0 = _mm512_maskz_loadu_ps(at.lanes, task.thresholds + n);
    at.t1 = _mm512_maskz_loadu_ps(at.lanes, task.thresholds + task.stride + n);
    at.t2 = _mm512_maskz_loadu_ps(at.lanes, task.thresholds + 2 * task.stride + n);
  }
  return at;
}

inline void store_codes(const Channels& at, __m512 value, const PlaneBytes& planes, int n,
                        bool last) {
  const __m512 turned = _mm512_xor_ps(value, at.sign);
  const __mmask16 high = exceeds(at.lanes, turned, at.t1);
  const __mmask16 low = exceeds(at.lanes, turned, _mm512_mask_blend_ps(high, at.t0, at.t2));
  store_bits(low, planes.low, n, last);
  store_bits(high, planes.high, n, last);
}

// The task's members one by one, for what is stored might be the task.
template <class Sum, bool kAdds, bool kStores, bool kCodes>
void epilogue_of(const EpilogueTask<Sum>& task) {
  const std::ptrdiff_t pixels = task.pixels;
  const std::ptrdiff_t sum_step = task.sum_step;
  const std::ptrdiff_t y_step = task.y_step;
  const CodesOut codes = task.codes;
  const int channels = task.channels;
  for (int n = 0; n < channels; n += kLanes) {
    const Channels at = channels_at(task, n);
    const bool last = n + kLanes >= channels && channels % kWordBits != 0;
    const Sum* sums = task.sums + n;
    const float* added = kAdds ? task.added + n : nullptr;
    float* y = kStores ? task.y + n : nullptr;
    for (std::ptrdiff_t p = 0; p < pixels; ++p) {
      __m512 value = load(sums + p * sum_step, at.lanes);
      value = _mm512_add_ps(_mm512_mul_ps(value, at.scale), at.bias);
      if constexpr (kAdds) {
        value = _mm512_add_ps(value, _mm512_maskz_loadu_ps(at.lanes, added + p * y_step));
      }
      if constexpr (kStores) _mm512_mask_storeu_ps(y + p * y_step, at.lanes, value);
      if constexpr (kCodes) store_codes(at, value, plane_bytes(codes, p, n), n, last);
    }
  }
}

}  // namespace
}  // namespace edgebin::kernels::avx512

#include "kernels/generic/epilogue.h"
