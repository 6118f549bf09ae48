// Single-precision product. Lanes are output channels, so that each channel keeps the order of
// FORMAT.md: k ascending, a product rounded, a sum rounded.
//
//   instruction      latency  Zen 4 ports  Skylake ports   per 8 channels x 1 k
//   vmulps             3-4     FP01         p01             1
//   vaddps             3-4     FP23         p01             1
//   vbroadcastss m      -      load         load            1/4 (a tile is four vectors)
//   Bottleneck: with two pixels, eight chains of sums cover the latency of vaddps: 16 MAC/cycle
//   (Skylake 8, by p01). One pixel has four chains and reaches half of that, which is still more
//   than a weight matrix out of the cache allows.
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::avx2 {
namespace {

using Vector = __m256;

constexpr int kLanes = 8;
constexpr int kRows = 2;

inline Vector zero() { return _mm256_setzero_ps(); }
inline Vector load(const float* at) { return _mm256_loadu_ps(at); }
inline void store(float* at, Vector value) { _mm256_storeu_ps(at, value); }
inline Vector broadcast(const float* at) { return _mm256_broadcast_ss(at); }
inline Vector multiply(Vector x, Vector weights) { return _mm256_mul_ps(x, weights); }
inline Vector add(Vector a, Vector b) { return _mm256_add_ps(a, b); }

}  // namespace
}  // namespace edgebin::kernels::avx2

#include "kernels/generic/f32.h"
