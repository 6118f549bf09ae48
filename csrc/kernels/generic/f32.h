// Single-precision product in vectors whose lanes are output channels, so that each channel keeps
// the order of FORMAT.md: k ascending, each product and each sum rounded.
//
// A tile is four vectors of channels; kRows pixels share the loads of its weights. The folder's
// f32.cc defines Vector, kLanes and kRows, and of Vector zero, load, store, broadcast (of an
// input), multiply (that by weights) and add.
#ifndef EDGEBIN_KERNELS_GENERIC_F32_H_
#define EDGEBIN_KERNELS_GENERIC_F32_H_

#include "kernels/generic/row_tiles.h"

namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE {
namespace {

constexpr int kTile = 4 * kLanes;

// A tile of channels of one pixel. (Named members: gcc 12 keeps an array of arrays in memory.)
struct Tile {
  Vector a, b, c, d;
};

inline Tile load_tile(const float* at) {
  return {load(at), load(at + kLanes), load(at + 2 * kLanes), load(at + 3 * kLanes)};
}

inline void store_tile(float* at, const Tile& tile) {
  store(at, tile.a);
  store(at + kLanes, tile.b);
  store(at + 2 * kLanes, tile.c);
  store(at + 3 * kLanes, tile.d);
}

template <class Input>
inline Tile add_product(const Tile& sum, Input x, const Tile& weights) {
  return {add(sum.a, multiply(x, weights.a)), add(sum.b, multiply(x, weights.b)),
          add(sum.c, multiply(x, weights.c)), add(sum.d, multiply(x, weights.d))};
}

template <int kPixels>
void multiply_tile(const float* rows, const float* weights, float* acc, int channels, int depth) {
  Tile sum[kPixels];
  for (int p = 0; p < kPixels; ++p) sum[p] = {zero(), zero(), zero(), zero()};
  for (int k = 0; k < depth; ++k, weights += kTile) {
    const Tile tile = load_tile(weights);
    for (int p = 0; p < kPixels; ++p) {
      sum[p] = add_product(sum[p], broadcast(rows + std::ptrdiff_t{p} * depth + k), tile);
    }
  }
  for (int p = 0; p < kPixels; ++p) store_tile(acc + std::ptrdiff_t{p} * channels, sum[p]);
}

void f32(const float* rows, const float* weights, float* acc, int pixels, int channels, int depth) {
  for_row_tiles<kRows>(pixels, [&]<int kPixels>(int p) {
    const float* const first = rows + std::ptrdiff_t{p} * depth;
    float* const to = acc + std::ptrdiff_t{p} * channels;
    for (int n = 0; n < channels; n += kTile) {
      multiply_tile<kPixels>(first, weights + std::ptrdiff_t{n} * depth, to + n, channels, depth);
    }
  });
}

}  // namespace

// NOLINTNEXTLINE(misc-definitions-in-headers): one file of a folder includes this
void install_f32(Kernels& kernels) {
  kernels.f32_tile = kTile;
  kernels.f32 = f32;
}

}  // namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE

#endif  // EDGEBIN_KERNELS_GENERIC_F32_H_
