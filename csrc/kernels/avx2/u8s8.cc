// Product of u8 inputs and s8 weights: vpmaddwd on both widened to 16 bits. Nothing saturates;
// vpmaddubsw, which multiplies bytes as they are, would at two products of 255 x 127.
//
//   instruction     latency  Zen 4 ports  Skylake ports   per 8 channels x 2 k
//   vpmaddwd           3      FP03         p01             1
//   vpaddd             1      FP0123       p015            1
//   vpbroadcastd m     -      load         load            1/2 (shared by two vectors of channels)
//   weights            -      load         load            1/4 (shared by four pixels)
//   Bottleneck: vpmaddwd, 2 per cycle: 32 MAC/cycle.
//
// Lanes are output channels; a pair of neighbouring inputs is broadcast. Rows and weights are
// widened on the stack, a block at a time, the weights only where several pixels share them.
#include <immintrin.h>

#include "kernels/kernels.h"

#include "kernels/generic/row_tiles.h"

namespace edgebin::kernels::avx2 {
namespace {

constexpr int kTile = 8;
constexpr int kUnit = 2;
constexpr int kRows = 4;     // pixels that share the loads of weights
constexpr int kVectors = 2;  // tiles of channels that share the loads of pixels
constexpr int kMaxPixels = 36;
constexpr int kPairs = 4096;        // of a block, all pixels together
constexpr int kMaxWidePairs = 112;  // of a pixel, where weights are widened too

// A block of pairs of neighbouring inputs: those of pixel p from p * pairs on.
struct Block {
  const std::uint32_t* pairs;
  int count;
  bool first;  // of the row: sums start here
};

void widen(const std::uint8_t* row, std::uint32_t* pairs, int count) {
  constexpr int kStep = 8;
  int k = 0;
  for (; k + kStep <= count; k += kStep) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(row + 2 * k));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(pairs + k), _mm256_cvtepu8_epi16(bytes));
  }
  for (; k < count; ++k) pairs[k] = row[2 * k] | static_cast<std::uint32_t>(row[2 * k + 1]) << 16;
}

__m256i widened(const std::int8_t* weights) {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(weights)));
}

// Weights of a vector of channels at pair k, from memory or widened before.
struct Narrow {
  const std::int8_t* weights;
  std::ptrdiff_t tile_bytes;
  __m256i at(int k, int v) const {
    return widened(weights + v * tile_bytes + std::ptrdiff_t{k} * kTile * kUnit);
  }
};
struct Wide {
  const std::int16_t* weights;
  __m256i at(int k, int v) const {
    return _mm256_load_si256(
        reinterpret_cast<const __m256i*>(weights + (k * kVectors + v) * kTile * kUnit));
  }
};

// acc[p][0..kTiles tiles) = the block's sums, added to what was there unless it is the first.
template <int kPixels, int kTiles, class Weights>
void multiply_tile(const Block& block, const Weights& weights, std::int32_t* acc,
                   std::ptrdiff_t channels) {
  const auto at = [&](int p, int v) {
    return reinterpret_cast<__m256i*>(acc + p * channels + v * kTile);
  };
  const std::ptrdiff_t count = block.count;
  const std::uint32_t* pairs = block.pairs;
  __m256i sum[kPixels][kTiles];
#pragma GCC unroll 4
  for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 2
    for (int v = 0; v < kTiles; ++v) {
      sum[p][v] = block.first ? _mm256_setzero_si256() : _mm256_loadu_si256(at(p, v));
    }
  }
  for (int k = 0; k < count; ++k, ++pairs) {
    __m256i weight[kTiles];
#pragma GCC unroll 2
    for (int v = 0; v < kTiles; ++v) weight[v] = weights.at(k, v);
#pragma GCC unroll 4
    for (int p = 0; p < kPixels; ++p) {
      const __m256i pair = _mm256_set1_epi32(static_cast<int>(pairs[p * count]));
#pragma GCC unroll 2
      for (int v = 0; v < kTiles; ++v) {
        sum[p][v] = _mm256_add_epi32(sum[p][v], _mm256_madd_epi16(weight[v], pair));
        asm("" : "+x"(sum[p][v]));  // or gcc 12 spills sums
      }
    }
  }
#pragma GCC unroll 4
  for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 2
    for (int v = 0; v < kTiles; ++v) _mm256_storeu_si256(at(p, v), sum[p][v]);
  }
}

template <int kTiles, class Weights>
void pixels_of(const Block& block, int pixels, const Weights& weights, std::int32_t* acc,
               int channels) {
  for_row_tiles<kRows>(pixels, [&]<int kPixels>(int p) {
    const std::uint32_t* const pairs = block.pairs + std::ptrdiff_t{p} * block.count;
    multiply_tile<kPixels, kTiles>({pairs, block.count, block.first}, weights,
                                   acc + std::ptrdiff_t{p} * channels, channels);
  });
}

// All pixels of a block and kTiles tiles of channels.
template <int kTiles>
void tiles_of(const Block& block, int pixels, const Narrow& weights, std::int32_t* acc,
              int channels) {
  if (pixels < 2 * kRows || kTiles < kVectors) {
    pixels_of<kTiles>(block, pixels, weights, acc, channels);
    return;
  }
  alignas(32) std::int16_t wide[kMaxWidePairs * kVectors * kTile * kUnit];
  for (int k = 0; k < block.count; ++k) {
    for (int v = 0; v < kTiles; ++v) {
      _mm256_store_si256(reinterpret_cast<__m256i*>(wide + (k * kVectors + v) * kTile * kUnit),
                         weights.at(k, v));
    }
  }
  pixels_of<kTiles>(block, pixels, Wide{wide}, acc, channels);
}

// Up to kMaxPixels pixels.
void row_block(const std::uint8_t* rows, const std::int8_t* weights, std::int32_t* acc, int pixels,
               int channels, int depth) {
  alignas(32) std::uint32_t pairs[kPairs];
  const int all = depth / kUnit;
  const int fit = kPairs / pixels;
  const int most = pixels >= 2 * kRows && fit > kMaxWidePairs ? kMaxWidePairs : fit;
  for (int k = 0; k < all; k += most) {
    const Block block = {pairs, all - k < most ? all - k : most, k == 0};
    for (int p = 0; p < pixels; ++p) {
      widen(rows + std::ptrdiff_t{p} * depth + std::ptrdiff_t{kUnit} * k,
            pairs + std::ptrdiff_t{p} * block.count, block.count);
    }
    const std::int8_t* const at = weights + std::ptrdiff_t{k} * kTile * kUnit;
    const std::ptrdiff_t tile_bytes = std::ptrdiff_t{kTile} * depth;
    int n = 0;
    for (; n + kVectors * kTile <= channels; n += kVectors * kTile) {
      tiles_of<kVectors>(block, pixels, Narrow{at + std::ptrdiff_t{n} * depth, tile_bytes}, acc + n,
                         channels);
    }
    if (n < channels) {
      tiles_of<1>(block, pixels, Narrow{at + std::ptrdiff_t{n} * depth, tile_bytes}, acc + n,
                  channels);
    }
  }
}

void u8s8(const std::uint8_t* rows, const std::int8_t* weights, std::int32_t* acc, int pixels,
          int channels, int depth) {
  for (int p = 0; p < pixels; p += kMaxPixels) {
    row_block(rows + std::ptrdiff_t{p} * depth, weights, acc + std::ptrdiff_t{p} * channels,
              pixels - p < kMaxPixels ? pixels - p : kMaxPixels, channels, depth);
  }
}

}  // namespace

void install_u8s8(Kernels& kernels) {
  kernels.u8s8_tile = kTile;
  kernels.u8s8_unit = kUnit;
  kernels.u8s8_row_align = kUnit;
  kernels.u8s8_pixels = kU8s8Pixels;
  kernels.u8s8 = u8s8;
}

}  // namespace edgebin::kernels::avx2
