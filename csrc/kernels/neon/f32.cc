// Single-precision product. Lanes are output channels, so that each channel keeps the order of
// FORMAT.md: k ascending, a product rounded, a sum rounded.
//
//   instruction       latency  A76 ports  A57, A72 ports    per 16 channels x 1 k of a pixel
//   fmul (element)       3       V0 V1      F0 and F1          4
//   fadd                 2       V0 V1      F0 and F1          4
//   ldr                  5       L0 L1      L                  4/3 of weights (three pixels share
//                                                              them), 1 of the row
//   Bottleneck: fmul and fadd: on A76 two a cycle, 4 MAC/cycle; on A57 and A72, where a full vector
//   of floats takes both ports, one: 2 MAC/cycle.
#include <arm_neon.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::neon {
namespace {

constexpr int kLanes = 4;
constexpr int kTile = 4 * kLanes;
constexpr int kGroup = 3;  // pixels that share the loads of weights; of four, gcc 12 spills sums

// A tile of channels of one pixel. (Named members: gcc 12 keeps an array of arrays in memory.)
struct Tile {
  float32x4_t a, b, c, d;
};

inline Tile load(const float* at) {
  return {vld1q_f32(at), vld1q_f32(at + kLanes), vld1q_f32(at + 2 * kLanes),
          vld1q_f32(at + 3 * kLanes)};
}

inline void store(float* at, const Tile& tile) {
  vst1q_f32(at, tile.a);
  vst1q_f32(at + kLanes, tile.b);
  vst1q_f32(at + 2 * kLanes, tile.c);
  vst1q_f32(at + 3 * kLanes, tile.d);
}

inline Tile add_product(const Tile& sum, float x, const Tile& weights) {
  return {vaddq_f32(sum.a, vmulq_n_f32(weights.a, x)), vaddq_f32(sum.b, vmulq_n_f32(weights.b, x)),
          vaddq_f32(sum.c, vmulq_n_f32(weights.c, x)), vaddq_f32(sum.d, vmulq_n_f32(weights.d, x))};
}

template <int kPixels>
void tile_rows(const float* rows, const float* weights, float* acc, std::ptrdiff_t channels,
               std::ptrdiff_t depth) {
  const float32x4_t zero = vdupq_n_f32(0.0f);
  Tile sum[kPixels];
  for (int p = 0; p < kPixels; ++p) sum[p] = {zero, zero, zero, zero};
  for (std::ptrdiff_t k = 0; k < depth; ++k, weights += kTile) {
    const Tile tile = load(weights);
    for (int p = 0; p < kPixels; ++p) sum[p] = add_product(sum[p], rows[p * depth + k], tile);
  }
  for (int p = 0; p < kPixels; ++p) store(acc + p * channels, sum[p]);
}

template <int kPixels>
void group(const float* rows, const float* weights, float* acc, int channels, int depth) {
  for (int n = 0; n < channels; n += kTile) {
    tile_rows<kPixels>(rows, weights + std::ptrdiff_t{n} * depth, acc + n, channels, depth);
  }
}

void f32(const float* rows, const float* weights, float* acc, int pixels, int channels, int depth) {
  int left = pixels;
  for (; left >= kGroup; left -= kGroup) {
    group<kGroup>(rows, weights, acc, channels, depth);
    rows += std::ptrdiff_t{kGroup} * depth;
    acc += std::ptrdiff_t{kGroup} * channels;
  }
  if (left == 2) group<2>(rows, weights, acc, channels, depth);
  if (left == 1) group<1>(rows, weights, acc, channels, depth);
}

}  // namespace

void install_f32(Kernels& kernels) {
  kernels.f32_tile = kTile;
  kernels.f32 = f32;
}

}  // namespace edgebin::kernels::neon
