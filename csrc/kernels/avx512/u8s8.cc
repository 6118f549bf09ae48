// Product of u8 inputs and s8 weights: vpdpbusd. Its sum of four products and the accumulator
// wraps, and kernels.h keeps it in range: nothing saturates (vpdpbusds would).
//
//   instruction     latency  Zen 4 ports  Ice Lake ports   per 16 channels x 4 k
//   vpdpbusd           4      FP01         p0               1
//   vpbroadcastd m     -      load         load             1/4 (shared by four vectors)
//   weights            -      load         load             1/6 (shared by six pixels)
//   Bottleneck: vpdpbusd, one 512-bit vector per cycle: 64 MAC/cycle.
//
// Lanes are output channels; four neighbouring inputs are broadcast. Without the pragmas gcc 12
// keeps sums in memory.
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::avx512 {
namespace {

constexpr int kTile = 16;
constexpr int kUnit = 4;
constexpr int kMaxPixels = 6;
constexpr int kMaxVectors = 4;

// Products of kPixels rows and kVectors tiles of channels, `tile_bytes` apart.
template <int kPixels, int kVectors>
void tile(const std::uint8_t* rows, const std::int8_t* weights, std::int32_t* acc,
          std::ptrdiff_t channels, std::ptrdiff_t depth) {
  const std::ptrdiff_t tile_bytes = kTile * depth;
  __m512i sum[kPixels][kVectors];
#pragma GCC unroll 6
  for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) sum[p][v] = _mm512_setzero_si512();
  }
  for (std::ptrdiff_t k = 0; k < depth; k += kUnit, weights += kTile * kUnit) {
    __m512i weight[kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) weight[v] = _mm512_loadu_si512(weights + v * tile_bytes);
#pragma GCC unroll 6
    for (int p = 0; p < kPixels; ++p) {
      std::int32_t four = 0;
      __builtin_memcpy(&four, rows + p * depth + k, sizeof four);
      const __m512i inputs = _mm512_set1_epi32(four);
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) {
        sum[p][v] = _mm512_dpbusd_epi32(sum[p][v], inputs, weight[v]);
      }
    }
  }
#pragma GCC unroll 6
  for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      _mm512_storeu_si512(acc + p * channels + v * kTile, sum[p][v]);
    }
  }
}

using TileFn = void (*)(const std::uint8_t*, const std::int8_t*, std::int32_t*, std::ptrdiff_t,
                        std::ptrdiff_t);

template <int kPixels>
constexpr TileFn kTiles[kMaxVectors] = {tile<kPixels, 1>, tile<kPixels, 2>, tile<kPixels, 3>,
                                        tile<kPixels, 4>};

TileFn tile_of(int pixels, int vectors) {
  const TileFn* const of_pixels[kMaxPixels] = {kTiles<1>, kTiles<2>, kTiles<3>,
                                               kTiles<4>, kTiles<5>, kTiles<6>};
  return of_pixels[pixels - 1][vectors - 1];
}

void u8s8(const std::uint8_t* rows, const std::int8_t* weights, std::int32_t* acc, int pixels,
          int channels, int depth) {
  constexpr int kStep = kMaxVectors * kTile;
  for (int p = 0; p < pixels; p += kMaxPixels) {
    const int rest = pixels - p < kMaxPixels ? pixels - p : kMaxPixels;
    for (int n = 0; n < channels; n += kStep) {
      const int step = channels - n < kStep ? channels - n : kStep;
      tile_of(rest, step / kTile)(rows + std::ptrdiff_t{p} * depth,
                                  weights + std::ptrdiff_t{n} * depth,
                                  acc + std::ptrdiff_t{p} * channels + n, channels, depth);
    }
  }
}

}  // namespace

void install_u8s8(Kernels& kernels) {
  kernels.u8s8_tile = kTile;
  kernels.u8s8_unit = kUnit;
  kernels.u8s8 = u8s8;
}

}  // namespace edgebin::kernels::avx512
