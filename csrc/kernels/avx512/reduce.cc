// Reductions and normalizations, sixteen f32 or eight f64 at a time; the last channels of rows are
// masked.
//
//   instruction        latency  Zen 4 ports  Ice Lake ports   per 16 elements
//   load                  -       load         load             1
//   vaddps               3-4      FP23         p0               1 (sum)
//   vmaxps               1-4      FP01         p0               1 (max)
//   vcmpps, vmovaps{k}   3-5      FP01         p5, p05          1, 2 (argmax)
//   vdivps              11-18     FP01         p0               1 (l2_normalize)
//   vcvtps2pd            5-7      FP23         p0, p5           2 (f64), and as many vsubpd, vmulpd
//   Bottleneck: memory, and vcvtps2pd where sums are of f64.
//
// vmaxps gives its second operand unless the first is greater: NaN never wins.
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::avx512 {
namespace {

constexpr int kLanes = 16;
constexpr int kWide = 8;
using Floats = __m512;
using Doubles = __m512d;

inline Floats broadcast(float value) { return _mm512_set1_ps(value); }
inline Doubles broadcast(double value) { return _mm512_set1_pd(value); }
inline Floats larger(Floats value, Floats running) { return _mm512_max_ps(value, running); }

struct Best {
  Floats values = broadcast(-__builtin_inff());
  Floats at = broadcast(0.0f);
  void take(Floats value, Floats value_at) {
    const __mmask16 takes = _mm512_cmp_ps_mask(value, values, _CMP_GT_OQ);
    values = _mm512_mask_mov_ps(values, takes, value);
    at = _mm512_mask_mov_ps(at, takes, value_at);
  }
};

struct Whole {
  static constexpr int kChannels = kLanes;
  static Floats load(const float* at) { return _mm512_loadu_ps(at); }
  static void store(float* at, Floats value) { _mm512_storeu_ps(at, value); }
};

struct Last {
  static constexpr int kChannels = kLanes;
  __mmask16 lanes;
  explicit Last(int count) : lanes(static_cast<__mmask16>((1u << count) - 1)) {}
  Floats load(const float* at) const { return _mm512_maskz_loadu_ps(lanes, at); }
  void store(float* at, Floats value) const { _mm512_mask_storeu_ps(at, lanes, value); }
};

struct WholeWide {
  static constexpr int kChannels = kWide;
  static Doubles load(const double* at) { return _mm512_loadu_pd(at); }
  static void store(double* at, Doubles value) { _mm512_storeu_pd(at, value); }
  static Doubles widen(const float* at) { return _mm512_cvtps_pd(_mm256_loadu_ps(at)); }
  static void narrow(float* at, Doubles value) { _mm256_storeu_ps(at, _mm512_cvtpd_ps(value)); }
};

struct LastWide {
  static constexpr int kChannels = kWide;
  __mmask8 lanes;
  explicit LastWide(int count) : lanes(static_cast<__mmask8>((1u << count) - 1)) {}
  Doubles load(const double* at) const { return _mm512_maskz_loadu_pd(lanes, at); }
  void store(double* at, Doubles value) const { _mm512_mask_storeu_pd(at, lanes, value); }
  Doubles widen(const float* at) const { return _mm512_cvtps_pd(_mm256_maskz_loadu_ps(lanes, at)); }
  void narrow(float* at, Doubles value) const {
    _mm256_mask_storeu_ps(at, lanes, _mm512_cvtpd_ps(value));
  }
};

}  // namespace
}  // namespace edgebin::kernels::avx512

#include "kernels/generic/reduce.h"
