// Single-precision product. Each channel of a tile has its own chain of roundings, k ascending;
// -ffp-contract=off keeps product and sum apart.
#include "kernels/kernels.h"

namespace edgebin::kernels::scalar {
namespace {

constexpr int kTile = 8;

void f32(const float* rows, const float* weights, float* acc, int pixels, int channels, int depth) {
  for (int p = 0; p < pixels; ++p) {
    const float* const row = rows + std::ptrdiff_t{p} * depth;
    const float* tile = weights;
    for (int n = 0; n < channels; n += kTile) {
      float sum[kTile] = {};
      for (int k = 0; k < depth; ++k, tile += kTile) {
        for (int i = 0; i < kTile; ++i) sum[i] += row[k] * tile[i];
      }
      for (int i = 0; i < kTile; ++i) *acc++ = sum[i];
    }
  }
}

}  // namespace

void install_f32(Kernels& kernels) {
  kernels.f32_tile = kTile;
  kernels.f32 = f32;
}

}  // namespace edgebin::kernels::scalar
