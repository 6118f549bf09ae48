// Bit-serial product, one 64-bit word at a time; a tile of channels shares the loads of a row.
#include "kernels/kernels.h"

namespace edgebin::kernels::scalar {
namespace {

constexpr int kTile = 4;

inline std::int32_t ones(Word word) { return __builtin_popcountll(word); }

void bit_serial(const Word* rows, const Word* weights, std::int32_t* acc, int pixels, int channels,
                int words) {
  for (int p = 0; p < pixels; ++p) {
    const Word* const plane0 = rows + std::ptrdiff_t{2} * p * words;
    const Word* const plane1 = plane0 + words;
    const Word* tile = weights;
    for (int n = 0; n < channels; n += kTile) {
      std::int32_t positive[kTile] = {};  // sum of codes under +1
      std::int32_t total = 0;             // sum of codes
      for (int k = 0; k < words; ++k, tile += kTile) {
        total += ones(plane0[k]) + 2 * ones(plane1[k]);
        for (int i = 0; i < kTile; ++i) {
          positive[i] += ones(tile[i] & plane0[k]) + 2 * ones(tile[i] & plane1[k]);
        }
      }
      for (int i = 0; i < kTile; ++i) *acc++ = 2 * positive[i] - total;
    }
  }
}

}  // namespace

void install_bit_serial(Kernels& kernels) {
  kernels.bit_serial_tile = kTile;
  kernels.bit_serial = bit_serial;
}

}  // namespace edgebin::kernels::scalar
