// Product of u8 inputs and s8 weights on instructions that add the dot product of four bytes to
// each 32-bit lane. Lanes are output channels; four neighbouring inputs are broadcast.
//
// The folder's u8s8.cc defines kTile (channels of a vector), kUnit, kRowAlign (as
// Kernels::u8s8_row_align), kRows and kVectors (pixels and vectors of a tile of sums),
// kVectorsOfOneRow (vectors of a single pixel), Sums, and
//
//   zeros()                        -> Sums
//   load_weights(weights)          -> Sums: kTile x 4 bytes
//   broadcast(four)                -> Sums: of 32 bits
//   dot(sums, inputs, weights)     -> Sums
//   store(acc, sums)
#ifndef EDGEBIN_KERNELS_GENERIC_U8S8_DOT_H_
#define EDGEBIN_KERNELS_GENERIC_U8S8_DOT_H_

#include "kernels/generic/row_tiles.h"

namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE {
namespace {

struct U8s8Task {
  const std::uint8_t* rows;
  const std::int8_t* weights;
  std::int32_t* acc;
  std::ptrdiff_t channels;
  std::ptrdiff_t depth;
};

inline std::ptrdiff_t row_step(std::ptrdiff_t depth) {
  return (depth + kRowAlign - 1) / kRowAlign * kRowAlign;
}

// Products of the first kPixels rows and kCount vectors of channels. Without the pragmas gcc 12
// keeps sums in memory.
template <int kPixels, int kCount>
void dot_tile(const U8s8Task& task) {
  const std::ptrdiff_t depth = task.depth;
  const std::ptrdiff_t tile_bytes = kTile * depth;
  const std::ptrdiff_t step = row_step(depth);
  const std::uint8_t* const rows = task.rows;
  const std::int8_t* weights = task.weights;
  Sums sums[kPixels][kCount];
#pragma GCC unroll 6
  for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 8
    for (int v = 0; v < kCount; ++v) sums[p][v] = zeros();
  }
  for (std::ptrdiff_t k = 0; k < depth; k += kUnit, weights += kTile * kUnit) {
    Sums weight[kCount];
#pragma GCC unroll 8
    for (int v = 0; v < kCount; ++v) weight[v] = load_weights(weights + v * tile_bytes);
#pragma GCC unroll 6
    for (int p = 0; p < kPixels; ++p) {
      std::int32_t four = 0;
      __builtin_memcpy(&four, rows + p * step + k, sizeof four);
      const Sums inputs = broadcast(four);
#pragma GCC unroll 8
      for (int v = 0; v < kCount; ++v) sums[p][v] = dot(sums[p][v], inputs, weight[v]);
    }
  }
#pragma GCC unroll 6
  for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 8
    for (int v = 0; v < kCount; ++v) {
      store(task.acc + p * task.channels + v * kTile, sums[p][v]);
    }
  }
}

template <int kPixels, int kCount>
inline void last_vectors(const U8s8Task& task, int count) {
  if constexpr (kCount > 0) {
    if (count == kCount) return dot_tile<kPixels, kCount>(task);
    last_vectors<kPixels, kCount - 1>(task, count);
  }
}

// All channels of kPixels rows.
template <int kPixels, int kCount>
void dot_rows(const U8s8Task& task) {
  U8s8Task tile = task;
  std::ptrdiff_t left = task.channels / kTile;
  for (; left >= kCount; left -= kCount) {
    dot_tile<kPixels, kCount>(tile);
    tile.weights += kCount * kTile * task.depth;
    tile.acc += kCount * kTile;
  }
  last_vectors<kPixels, kCount - 1>(tile, static_cast<int>(left));
}

void dot_u8s8(const std::uint8_t* rows, const std::int8_t* weights, std::int32_t* acc, int pixels,
              int channels, int depth) {
  for_row_tiles<kRows>(pixels, [&]<int kPixels>(int p) {
    constexpr int kCount = kPixels == 1 ? kVectorsOfOneRow : kVectors;
    dot_rows<kPixels, kCount>(
        {rows + p * row_step(depth), weights, acc + std::ptrdiff_t{p} * channels, channels, depth});
  });
}

}  // namespace

}  // namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE

#endif  // EDGEBIN_KERNELS_GENERIC_U8S8_DOT_H_
