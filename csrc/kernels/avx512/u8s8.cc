// Product of u8 inputs and s8 weights: vpdpbusd. Its sum of four products and the accumulator
// wraps, and kernels.h keeps it in range: nothing saturates (vpdpbusds would).
//
//   instruction     latency  Zen 4 ports  Ice Lake ports   per 16 channels x 4 k
//   vpdpbusd           4      FP01         p0               1
//   vpbroadcastd m     -      load         load             1/4 (shared by four vectors)
//   weights            -      load         load             1/6 (shared by six pixels)
//   Bottleneck: vpdpbusd, one 512-bit vector per cycle: 64 MAC/cycle.
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::avx512 {
namespace {

constexpr int kTile = 16;
constexpr int kUnit = 4;
constexpr int kRowAlign = kUnit;
constexpr int kRows = 6;
constexpr int kVectors = 4;
constexpr int kVectorsOfOneRow = 4;

using Sums = __m512i;

inline Sums zeros() { return _mm512_setzero_si512(); }
inline Sums load_weights(const std::int8_t* weights) { return _mm512_loadu_si512(weights); }
inline Sums broadcast(std::int32_t four) { return _mm512_set1_epi32(four); }
inline Sums dot(Sums sums, Sums inputs, Sums weights) {
  return _mm512_dpbusd_epi32(sums, inputs, weights);
}
inline void store(std::int32_t* acc, Sums sums) { _mm512_storeu_si512(acc, sums); }

}  // namespace
}  // namespace edgebin::kernels::avx512

#include "kernels/generic/u8s8_dot.h"

namespace edgebin::kernels::avx512 {

void install_u8s8(Kernels& kernels) {
  kernels.u8s8_tile = kTile;
  kernels.u8s8_unit = kUnit;
  kernels.u8s8_row_align = kRowAlign;
  kernels.u8s8_pixels = kU8s8Pixels;
  kernels.u8s8 = dot_u8s8;
}

}  // namespace edgebin::kernels::avx512
