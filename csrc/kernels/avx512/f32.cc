// Single-precision product. Lanes are output channels, so that each channel keeps the order of
// FORMAT.md: k ascending, a product rounded, a sum rounded.
//
//   instruction      latency  Zen 4 ports  Ice Lake ports   per 16 channels x 1 k
//   vmulps m{1to16}    3-4     FP01         p0               1
//   vaddps             3-4     FP23         p0               1
//   Bottleneck: with two pixels, eight chains of sums cover the latency of vaddps: 16 MAC/cycle
//   (Ice Lake 8, by p0).
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::avx512 {
namespace {

using Vector = __m512;

constexpr int kLanes = 16;
constexpr int kRows = 2;

inline Vector zero() { return _mm512_setzero_ps(); }
inline Vector load(const float* at) { return _mm512_loadu_ps(at); }
inline void store(float* at, Vector value) { _mm512_storeu_ps(at, value); }
inline Vector broadcast(const float* at) { return _mm512_set1_ps(*at); }
inline Vector multiply(Vector x, Vector weights) { return _mm512_mul_ps(x, weights); }
inline Vector add(Vector a, Vector b) { return _mm512_add_ps(a, b); }

}  // namespace
}  // namespace edgebin::kernels::avx512

#include "kernels/generic/f32.h"
