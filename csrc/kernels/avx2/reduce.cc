// Reductions and normalizations, eight f32 or four f64 at a time; the last channels of rows are
// masked.
//
//   instruction        latency  Zen 4 ports  Skylake ports   per 8 elements
//   load                  -       load         p23             1
//   vaddps               3-4      FP23         p01             1 (sum)
//   vmaxps               1-4      FP01         p01             1 (max)
//   vcmpps, vblendvps    4+2      FP01         p01, p015       1, 2 (argmax)
//   vdivps               11       FP01         p0              1 (l2_normalize)
//   vcvtps2pd            4-7      FP23         p01, p5         2 (f64), and as many vsubpd, vmulpd
//   Bottleneck: memory, and vcvtps2pd where sums are of f64.
//
// vmaxps gives its second operand unless the first is greater: NaN never wins.
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::avx2 {
namespace {

constexpr int kLanes = 8;
constexpr int kWide = 4;
using Floats = __m256;
using Doubles = __m256d;

inline Floats broadcast(float value) { return _mm256_set1_ps(value); }
inline Doubles broadcast(double value) { return _mm256_set1_pd(value); }
inline Floats larger(Floats value, Floats running) { return _mm256_max_ps(value, running); }

struct Best {
  Floats values = broadcast(-__builtin_inff());
  Floats at = broadcast(0.0f);
  void take(Floats value, Floats value_at) {
    const __m256 takes = _mm256_cmp_ps(value, values, _CMP_GT_OQ);
    values = _mm256_blendv_ps(values, value, takes);
    at = _mm256_blendv_ps(at, value_at, takes);
  }
};

struct Whole {
  static constexpr int kChannels = kLanes;
  static Floats load(const float* at) { return _mm256_loadu_ps(at); }
  static void store(float* at, Floats value) { _mm256_storeu_ps(at, value); }
};

struct Last {
  static constexpr int kChannels = kLanes;
  __m256i lanes;
  explicit Last(int count)
      : lanes(_mm256_cmpgt_epi32(_mm256_set1_epi32(count),
                                 _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))) {}
  Floats load(const float* at) const { return _mm256_maskload_ps(at, lanes); }
  void store(float* at, Floats value) const { _mm256_maskstore_ps(at, lanes, value); }
};

struct WholeWide {
  static constexpr int kChannels = kWide;
  static Doubles load(const double* at) { return _mm256_loadu_pd(at); }
  static void store(double* at, Doubles value) { _mm256_storeu_pd(at, value); }
  static Doubles widen(const float* at) { return _mm256_cvtps_pd(_mm_loadu_ps(at)); }
  static void narrow(float* at, Doubles value) { _mm_storeu_ps(at, _mm256_cvtpd_ps(value)); }
};

struct LastWide {
  static constexpr int kChannels = kWide;
  __m128i lanes;
  __m256i wide_lanes;
  explicit LastWide(int count)
      : lanes(_mm_cmpgt_epi32(_mm_set1_epi32(count), _mm_setr_epi32(0, 1, 2, 3))),
        wide_lanes(_mm256_cvtepi32_epi64(lanes)) {}
  Doubles load(const double* at) const { return _mm256_maskload_pd(at, wide_lanes); }
  void store(double* at, Doubles value) const { _mm256_maskstore_pd(at, wide_lanes, value); }
  Doubles widen(const float* at) const { return _mm256_cvtps_pd(_mm_maskload_ps(at, lanes)); }
  void narrow(float* at, Doubles value) const {
    _mm_maskstore_ps(at, lanes, _mm256_cvtpd_ps(value));
  }
};

}  // namespace
}  // namespace edgebin::kernels::avx2

#include "kernels/generic/reduce.h"
