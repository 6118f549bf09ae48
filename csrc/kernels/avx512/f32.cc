// Single-precision product. Lanes are output channels, so that each channel keeps the order of
// FORMAT.md: k ascending, a product rounded, a sum rounded.
//
//   instruction      latency  Zen 4 ports  Ice Lake ports   per 16 channels x 1 k
//   vmulps m{1to16}    3-4     FP01         p0               1
//   vaddps             3-4     FP23         p0               1
//   Bottleneck: with two pixels, eight chains of sums cover the latency of vaddps: 16 MAC/cycle
//   (Ice Lake 8, by p0).
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::avx512 {
namespace {

constexpr int kLanes = 16;
constexpr int kTile = 4 * kLanes;

// A tile of channels of one pixel. (Named members: gcc 12 keeps an array of arrays in memory.)
struct Tile {
  __m512 a, b, c, d;
};

inline Tile load(const float* at) {
  return {_mm512_loadu_ps(at), _mm512_loadu_ps(at + kLanes), _mm512_loadu_ps(at + 2 * kLanes),
          _mm512_loadu_ps(at + 3 * kLanes)};
}

inline void store(float* at, const Tile& tile) {
  _mm512_storeu_ps(at, tile.a);
  _mm512_storeu_ps(at + kLanes, tile.b);
  _mm512_storeu_ps(at + 2 * kLanes, tile.c);
  _mm512_storeu_ps(at + 3 * kLanes, tile.d);
}

inline Tile add_product(const Tile& sum, __m512 x, const Tile& weights) {
  return {_mm512_add_ps(sum.a, _mm512_mul_ps(x, weights.a)),
          _mm512_add_ps(sum.b, _mm512_mul_ps(x, weights.b)),
          _mm512_add_ps(sum.c, _mm512_mul_ps(x, weights.c)),
          _mm512_add_ps(sum.d, _mm512_mul_ps(x, weights.d))};
}

template <int kPixels>
void tile_rows(const float* rows, const float* weights, float* acc, int channels, int depth) {
  const __m512 zero = _mm512_setzero_ps();
  Tile sum[kPixels];
  for (int p = 0; p < kPixels; ++p) sum[p] = {zero, zero, zero, zero};
  for (int k = 0; k < depth; ++k, weights += kTile) {
    const Tile tile = load(weights);
    for (int p = 0; p < kPixels; ++p) {
      sum[p] = add_product(sum[p], _mm512_set1_ps(rows[std::ptrdiff_t{p} * depth + k]), tile);
    }
  }
  for (int p = 0; p < kPixels; ++p) store(acc + std::ptrdiff_t{p} * channels, sum[p]);
}

template <int kPixels>
void group(const float* rows, const float* weights, float* acc, int channels, int depth) {
  for (int n = 0; n < channels; n += kTile) {
    tile_rows<kPixels>(rows, weights + std::ptrdiff_t{n} * depth, acc + n, channels, depth);
  }
}

void f32(const float* rows, const float* weights, float* acc, int pixels, int channels, int depth) {
  int left = pixels;
  for (; left >= 2; left -= 2) {
    group<2>(rows, weights, acc, channels, depth);
    rows += std::ptrdiff_t{2} * depth;
    acc += std::ptrdiff_t{2} * channels;
  }
  if (left > 0) group<1>(rows, weights, acc, channels, depth);
}

}  // namespace

void install_f32(Kernels& kernels) {
  kernels.f32_tile = kTile;
  kernels.f32 = f32;
}

}  // namespace edgebin::kernels::avx512
