// Product of bytes and 8-bit weights; the channels of a tile share the loads of a row.
#include "kernels/kernels.h"

namespace edgebin::kernels::scalar {
namespace {

constexpr int kTile = 8;

void byte(const std::uint8_t* rows, const std::int16_t* weights, std::int32_t* acc, int pixels,
          int channels, int depth) {
  for (int p = 0; p < pixels; ++p) {
    const std::uint8_t* const row = rows + std::ptrdiff_t{p} * depth;
    const std::int16_t* tile = weights;
    for (int n = 0; n < channels; n += kTile) {
      std::int32_t sum[kTile] = {};
      for (int k = 0; k < depth; k += 2, tile += 2 * kTile) {
        for (int i = 0; i < kTile; ++i) {
          sum[i] += tile[2 * i] * row[k] + tile[2 * i + 1] * row[k + 1];
        }
      }
      for (int i = 0; i < kTile; ++i) *acc++ = sum[i];
    }
  }
}

}  // namespace

void install_byte(Kernels& kernels) {
  kernels.byte_tile = kTile;
  kernels.byte = byte;
}

}  // namespace edgebin::kernels::scalar
