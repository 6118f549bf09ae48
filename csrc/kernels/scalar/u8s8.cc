// Product of u8 inputs and s8 weights; the channels of a tile share the loads of a row.
#include "kernels/kernels.h"

namespace edgebin::kernels::scalar {
namespace {

constexpr int kTile = 8;
constexpr int kUnit = 4;

void u8s8(const std::uint8_t* rows, const std::int8_t* weights, std::int32_t* acc, int pixels,
          int channels, int depth) {
  for (int p = 0; p < pixels; ++p) {
    const std::uint8_t* const row = rows + std::ptrdiff_t{p} * depth;
    const std::int8_t* tile = weights;
    for (int n = 0; n < channels; n += kTile) {
      std::int32_t sum[kTile] = {};
      for (int k = 0; k < depth; k += kUnit, tile += kTile * kUnit) {
        for (int i = 0; i < kTile; ++i) {
          for (int j = 0; j < kUnit; ++j) sum[i] += tile[i * kUnit + j] * row[k + j];
        }
      }
      for (int i = 0; i < kTile; ++i) *acc++ = sum[i];
    }
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

}  // namespace edgebin::kernels::scalar
