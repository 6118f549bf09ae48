// Pooling windows, sixteen channels at a time; the last ones are masked.
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

inline __m512 lowest() { return _mm512_set1_ps(-__builtin_inff()); }
inline __m512 zero() { return _mm512_setzero_ps(); }
inline __m512 broadcast(float value) { return _mm512_set1_ps(value); }
inline __m512 larger(__m512 value, __m512 running) { return _mm512_max_ps(value, running); }
inline __m512 add(__m512 a, __m512 b) { return _mm512_add_ps(a, b); }
inline __m512 divide(__m512 a, __m512 b) { return _mm512_div_ps(a, b); }

inline __m512i larger(__m512i a, __m512i b) { return _mm512_max_epi32(a, b); }
inline __m512i bit_xor(__m512i a, __m512i b) { return _mm512_xor_si512(a, b); }

struct Whole {
  static __m512 load(const float* at) { return _mm512_loadu_ps(at); }
  static void store(float* at, __m512 value) { _mm512_storeu_ps(at, value); }
  static __m512i load(const std::int32_t* at) { return _mm512_loadu_si512(at); }
  static void store(std::int32_t* at, __m512i value) { _mm512_storeu_si512(at, value); }
};

struct Last {
  static constexpr int kChannels = kLanes;
  __mmask16 lanes;
  explicit Last(int count)
      : lanes(static_cast<__mmask16>(count < kLanes ? (1u << count) - 1 : 0xffffu)) {}
  __m512 load(const float* at) const { return _mm512_maskz_loadu_ps(lanes, at); }
  void store(float* at, __m512 value) const { _mm512_mask_storeu_ps(at, lanes, value); }
  __m512i load(const std::int32_t* at) const { return _mm512_maskz_loadu_epi32(lanes, at); }
  void store(std::int32_t* at, __m512i value) const { _mm512_mask_storeu_epi32(at, lanes, value); }
};

}  // namespace
}  // namespace edgebin::kernels::avx512

#include "kernels/generic/pool.h"
