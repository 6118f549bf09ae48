// Product of bytes and 8-bit weights: vpdpwssd on bytes widened to 16 bits. Its sum of two products
// and the accumulator wraps, and kernels.h keeps it in range: nothing saturates (vpdpwssds would).
//
//   instruction     latency  Zen 4 ports  Ice Lake ports   per 16 channels x 2 k
//   vpdpwssd           4      FP01         p0               1
//   vpbroadcastd m     -      load         load             1/2 (a tile is two vectors)
//   weights            -      load         load             1/4 (shared by a group of pixels)
//   Bottleneck: vpdpwssd, one 512-bit vector per cycle: 32 MAC/cycle.
//
// Lanes are output channels; a pair of neighbouring inputs is broadcast. Rows are widened once for
// all channels, a block at a time, into pairs on the stack.
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::avx512 {
namespace {

constexpr int kLanes = 16;
constexpr int kTile = 2 * kLanes;
constexpr int kGroup = 4;    // pixels that share the loads of a weight tile
constexpr int kBlock = 256;  // pairs

// Up to kBlock pairs of neighbouring inputs of each pixel, widened: the first in the low 16 bits.
using Block = std::uint32_t[kGroup][kBlock];

void widen(const std::uint8_t* row, std::uint32_t* pairs, int count) {
  int k = 0;
  for (; k + kLanes <= count; k += kLanes) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row + 2 * k));
    _mm512_storeu_si512(pairs + k, _mm512_cvtepu8_epi16(bytes));
  }
  for (; k < count; ++k) pairs[k] = row[2 * k] | static_cast<std::uint32_t>(row[2 * k + 1]) << 16;
}

// acc[p][0..kTile) = the block's sums, added to what was there unless `first`.
template <int kPixels>
void tile_block(const Block& block, const std::int16_t* tile, std::int32_t* acc, int channels,
                int pairs, bool first) {
  __m512i sum[kPixels][2];
  for (int p = 0; p < kPixels; ++p) {
    const std::int32_t* const at = acc + std::ptrdiff_t{p} * channels;
    for (int v = 0; v < 2; ++v) {
      sum[p][v] = first ? _mm512_setzero_si512() : _mm512_loadu_si512(at + v * kLanes);
    }
  }
  for (int k = 0; k < pairs; ++k, tile += 2 * kTile) {
    const __m512i weights0 = _mm512_loadu_si512(tile);
    const __m512i weights1 = _mm512_loadu_si512(tile + kTile);
    for (int p = 0; p < kPixels; ++p) {
      const __m512i pair = _mm512_set1_epi32(static_cast<int>(block[p][k]));
      sum[p][0] = _mm512_dpwssd_epi32(sum[p][0], weights0, pair);
      sum[p][1] = _mm512_dpwssd_epi32(sum[p][1], weights1, pair);
    }
  }
  for (int p = 0; p < kPixels; ++p) {
    std::int32_t* const at = acc + std::ptrdiff_t{p} * channels;
    for (int v = 0; v < 2; ++v) _mm512_storeu_si512(at + v * kLanes, sum[p][v]);
  }
}

template <int kPixels>
void group(const std::uint8_t* rows, const std::int16_t* weights, std::int32_t* acc, int channels,
           int depth) {
  Block block;
  const int pairs = depth / 2;
  for (int k = 0; k < pairs; k += kBlock) {
    const int count = pairs - k < kBlock ? pairs - k : kBlock;
    for (int p = 0; p < kPixels; ++p) {
      widen(rows + std::ptrdiff_t{p} * depth + std::ptrdiff_t{2} * k, block[p], count);
    }
    for (int n = 0; n < channels; n += kTile) {
      const std::int16_t* const tile =
          weights + std::ptrdiff_t{n} * depth + std::ptrdiff_t{k} * 2 * kTile;
      tile_block<kPixels>(block, tile, acc + n, channels, count, k == 0);
    }
  }
}

void byte(const std::uint8_t* rows, const std::int16_t* weights, std::int32_t* acc, int pixels,
          int channels, int depth) {
  int left = pixels;
  for (; left >= kGroup; left -= kGroup) {
    group<kGroup>(rows, weights, acc, channels, depth);
    rows += std::ptrdiff_t{kGroup} * depth;
    acc += std::ptrdiff_t{kGroup} * channels;
  }
  switch (left) {
    case 3:
      return group<3>(rows, weights, acc, channels, depth);
    case 2:
      return group<2>(rows, weights, acc, channels, depth);
    case 1:
      return group<1>(rows, weights, acc, channels, depth);
    default:
      return;
  }
}

}  // namespace

void install_byte(Kernels& kernels) {
  kernels.byte_tile = kTile;
  kernels.byte = byte;
}

}  // namespace edgebin::kernels::avx512
