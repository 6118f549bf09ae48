// Product of u8 inputs and s8 weights: vpdpbusd on 256 bits. Its sum of four products and the
// accumulator wraps, and kernels.h keeps it in range: nothing saturates (vpdpbusds would).
//
//   instruction     latency  Golden Cove ports   per 8 channels x 4 k
//   vpdpbusd           5      p01                 1
//   vpbroadcastd m     -      load                1/4 (shared by four vectors)
//   weights            -      load                1/3 (shared by three pixels)
//   Bottleneck: vpdpbusd, 2 per cycle: 64 MAC/cycle.
//
// Twelve sums hide the latency. A single row is bound by the loads of its weights.
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::avx_vnni {
namespace {

constexpr int kTile = 8;
constexpr int kUnit = 4;
constexpr int kRowAlign = kUnit;
constexpr int kRows = 3;
constexpr int kVectors = 4;
constexpr int kVectorsOfOneRow = 8;

using Sums = __m256i;

inline Sums zeros() { return _mm256_setzero_si256(); }
inline Sums load_weights(const std::int8_t* weights) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights));
}
inline Sums broadcast(std::int32_t four) { return _mm256_set1_epi32(four); }
inline Sums dot(Sums sums, Sums inputs, Sums weights) {
  return _mm256_dpbusd_avx_epi32(sums, inputs, weights);
}
inline void store(std::int32_t* acc, Sums sums) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(acc), sums);
}

}  // namespace
}  // namespace edgebin::kernels::avx_vnni

#include "kernels/generic/u8s8_dot.h"

namespace edgebin::kernels::avx_vnni {

void install_u8s8(Kernels& kernels) {
  kernels.u8s8_tile = kTile;
  kernels.u8s8_unit = kUnit;
  kernels.u8s8_row_align = kRowAlign;
  kernels.u8s8_pixels = kU8s8Pixels;
  kernels.u8s8 = dot_u8s8;
}

}  // namespace edgebin::kernels::avx_vnni
