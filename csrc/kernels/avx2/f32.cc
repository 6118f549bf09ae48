// Single-precision product. Lanes are output channels, so that each channel keeps the order of
// FORMAT.md: k ascending, a product rounded, a sum rounded.
//
//   instruction      latency  Zen 4 ports  Skylake ports   per 8 channels x 1 k
//   vmulps             3-4     FP01         p01             1
//   vaddps             3-4     FP23         p01             1
//   vbroadcastss m      -      load         load            1/4 (a tile is four vectors)
//   Bottleneck: with two pixels, eight chains of sums cover the latency of vaddps: 16 MAC/cycle
//   (Skylake 8, by p01). One pixel has four chains and reaches half of that, which is still more
//   than a weight matrix out of the cache allows.
#include <immintrin.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::avx2 {
namespace {

constexpr int kLanes = 8;
constexpr int kTile = 4 * kLanes;

// A tile of channels of one pixel. (Named members: gcc 12 keeps an array of arrays in memory.)
struct Tile {
  __m256 a, b, c, d;
};

inline Tile load(const float* at) {
  return {_mm256_loadu_ps(at), _mm256_loadu_ps(at + kLanes), _mm256_loadu_ps(at + 2 * kLanes),
          _mm256_loadu_ps(at + 3 * kLanes)};
}

inline void store(float* at, const Tile& tile) {
  _mm256_storeu_ps(at, tile.a);
  _mm256_storeu_ps(at + kLanes, tile.b);
  _mm256_storeu_ps(at + 2 * kLanes, tile.c);
  _mm256_storeu_ps(at + 3 * kLanes, tile.d);
}

inline Tile add_product(const Tile& sum, __m256 x, const Tile& weights) {
  return {_mm256_add_ps(sum.a, _mm256_mul_ps(x, weights.a)),
          _mm256_add_ps(sum.b, _mm256_mul_ps(x, weights.b)),
          _mm256_add_ps(sum.c, _mm256_mul_ps(x, weights.c)),
          _mm256_add_ps(sum.d, _mm256_mul_ps(x, weights.d))};
}

template <int kPixels>
void tile_rows(const float* rows, const float* weights, float* acc, int channels, int depth) {
  const __m256 zero = _mm256_setzero_ps();
  Tile sum[kPixels];
  for (int p = 0; p < kPixels; ++p) sum[p] = {zero, zero, zero, zero};
  for (int k = 0; k < depth; ++k, weights += kTile) {
    const Tile tile = load(weights);
    for (int p = 0; p < kPixels; ++p) {
      const __m256 x = _mm256_broadcast_ss(rows + std::ptrdiff_t{p} * depth + k);
      sum[p] = add_product(sum[p], x, tile);
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

}  // namespace edgebin::kernels::avx2
