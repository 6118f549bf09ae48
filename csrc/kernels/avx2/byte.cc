// Product of bytes and 8-bit weights: vpmaddwd on both widened to 16 bits. Nothing saturates:
// vpmaddubsw, which takes bytes as they are, would at two products of 255 x 127.
//
//   instruction     latency  Zen 4 ports  Skylake ports   per 8 channels x 2 k
//   vpmaddwd           3      FP03         p01             1
//   vpaddd             1      FP0123       p015            1
//   vpmovsxbw m        4      FP12, load   p5, load        1/4 (shared by four pixels)
//   vpbroadcastd m     -      load         load            1/2 (shared by two vectors of channels)
//   Bottleneck: all vector ports, about 9 instructions for 4 vpmaddwd: 28 MAC/cycle.
//
// Lanes are output channels; a pair of neighbouring inputs is broadcast. Rows are widened once for
// all channels, a block at a time, into pairs on the stack. gcc 12 keeps sums in memory unless told
// to unroll.
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::avx2 {
namespace {

constexpr int kTile = 8;
constexpr int kUnit = 2;
constexpr int kMostPixels = 4;
constexpr int kMostVectors = 2;
constexpr int kBlock = 256;  // pairs

// Up to kBlock pairs of neighbouring inputs of each pixel, widened: the first in the low 16 bits.
using Block = std::uint32_t[kMostPixels][kBlock];

void widen(const std::uint8_t* row, std::uint32_t* pairs, int count) {
  constexpr int kStep = 8;
  int k = 0;
  for (; k + kStep <= count; k += kStep) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(row + 2 * k));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(pairs + k), _mm256_cvtepu8_epi16(bytes));
  }
  for (; k < count; ++k) pairs[k] = row[2 * k] | static_cast<std::uint32_t>(row[2 * k + 1]) << 16;
}

// acc[p][0..kVectors tiles) = the block's sums, added to what was there unless `first`.
template <int kPixels, int kVectors>
void tile(const Block& block, const std::int8_t* weights, std::ptrdiff_t tile_bytes,
          std::int32_t* acc, std::ptrdiff_t channels, int pairs, bool first) {
  const auto at = [&](int p, int v) {
    return reinterpret_cast<__m256i*>(acc + p * channels + v * kTile);
  };
  __m256i sum[kPixels][kVectors];
#pragma GCC unroll 4
  for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      sum[p][v] = first ? _mm256_setzero_si256() : _mm256_loadu_si256(at(p, v));
    }
  }
  for (int k = 0; k < pairs; ++k, weights += kTile * kUnit) {
    __m256i weight[kVectors];
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      weight[v] = _mm256_cvtepi8_epi16(
          _mm_loadu_si128(reinterpret_cast<const __m128i*>(weights + v * tile_bytes)));
    }
#pragma GCC unroll 4
    for (int p = 0; p < kPixels; ++p) {
      const __m256i pair = _mm256_set1_epi32(static_cast<int>(block[p][k]));
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) {
        sum[p][v] = _mm256_add_epi32(sum[p][v], _mm256_madd_epi16(weight[v], pair));
      }
    }
  }
#pragma GCC unroll 4
  for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) _mm256_storeu_si256(at(p, v), sum[p][v]);
  }
}

template <int kPixels>
void pixels_of(const std::uint8_t* rows, const std::int8_t* weights, std::int32_t* acc,
               int channels, int depth) {
  constexpr int kStep = kMostVectors * kTile;
  const std::ptrdiff_t tile_bytes = std::ptrdiff_t{kTile} * depth;
  Block block;
  const int pairs = depth / kUnit;
  for (int k = 0; k < pairs; k += kBlock) {
    const int count = pairs - k < kBlock ? pairs - k : kBlock;
    for (int p = 0; p < kPixels; ++p) {
      widen(rows + std::ptrdiff_t{p} * depth + std::ptrdiff_t{kUnit} * k, block[p], count);
    }
    const std::int8_t* const at = weights + std::ptrdiff_t{k} * kTile * kUnit;
    int n = 0;
    for (; n + kStep <= channels; n += kStep) {
      tile<kPixels, kMostVectors>(block, at + std::ptrdiff_t{n} * depth, tile_bytes, acc + n,
                                  channels, count, k == 0);
    }
    if (n < channels) {
      tile<kPixels, 1>(block, at + std::ptrdiff_t{n} * depth, tile_bytes, acc + n, channels, count,
                       k == 0);
    }
  }
}

void byte(const std::uint8_t* rows, const std::int8_t* weights, std::int32_t* acc, int pixels,
          int channels, int depth) {
  int left = pixels;
  for (; left >= kMostPixels; left -= kMostPixels) {
    pixels_of<kMostPixels>(rows, weights, acc, channels, depth);
    rows += std::ptrdiff_t{kMostPixels} * depth;
    acc += std::ptrdiff_t{kMostPixels} * channels;
  }
  switch (left) {
    case 3:
      return pixels_of<3>(rows, weights, acc, channels, depth);
    case 2:
      return pixels_of<2>(rows, weights, acc, channels, depth);
    case 1:
      return pixels_of<1>(rows, weights, acc, channels, depth);
    default:
      return;
  }
}

}  // namespace

void install_byte(Kernels& kernels) {
  kernels.byte_tile = kTile;
  kernels.byte_unit = kUnit;
  kernels.byte = byte;
}

}  // namespace edgebin::kernels::avx2
