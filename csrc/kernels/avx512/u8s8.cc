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

}  // namespace
}  // namespace edgebin::kernels::avx512

#include "kernels/generic/u8s8_dot_512.h"

namespace edgebin::kernels::avx512 {

void install_u8s8(Kernels& kernels) {
  kernels.u8s8_tile = kTile;
  kernels.u8s8_unit = kUnit;
  kernels.u8s8_row_align = kRowAlign;
  kernels.u8s8_pixels = kU8s8Pixels;
  kernels.u8s8 = dot_u8s8;
}

}  // namespace edgebin::kernels::avx512
