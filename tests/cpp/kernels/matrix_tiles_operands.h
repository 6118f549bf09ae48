// A convolution by matrix tiles in the layout of kernels.h, from plain matrices, and the same sums
// computed naively.
#ifndef EDGEBIN_TESTS_KERNELS_MATRIX_TILES_OPERANDS_H_
#define EDGEBIN_TESTS_KERNELS_MATRIX_TILES_OPERANDS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/operands.h"
#include "ops/layout.h"

namespace edgebin::kernels {

// One task over rows of codes, `row_bytes` each, which the steps read from `offsets` on.
struct TilesShape {
  int tiles;
  int channels;  // a multiple of kTileChannels
  int row_bytes;
  std::vector<std::ptrdiff_t> offsets;

  int positions() const { return tiles * kTileRows; }
  int steps() const { return static_cast<int>(offsets.size()); }
};

// Where the bits of a channel lie, by the contract's formula.
struct TilePlace {
  int tile;
  int column;
};

inline TilePlace place_of(int channel, int channels) {
  const int pair = channel / 32;
  const int n = channel % 32;
  if (pair * 32 + 16 == channels) return {2 * pair, n};
  return {2 * pair + n / 4 % 2, n / 8 * 4 + n % 4};
}

// signs [channels][steps x 64] -> bits.
inline Operand<std::uint8_t> tile_weights(const TilesShape& shape,
                                          const Matrix<std::int8_t>& signs) {
  Operand<std::uint8_t> bits(static_cast<std::size_t>(shape.channels) / kTileChannels *
                             shape.offsets.size() * kTileBits);
  for (int n = 0; n < shape.channels; ++n) {
    const auto [tile, column] = place_of(n, shape.channels);
    for (int i = 0; i < shape.steps() * kTileDepth; ++i) {
      if (signs(n, i) < 0) continue;
      const int k = i % kTileDepth;
      const std::ptrdiff_t step = std::ptrdiff_t{tile} * shape.steps() + i / kTileDepth;
      bits[step * kTileBits + k / 32 * 64 + 4 * column + k % 4] |=
          static_cast<std::uint8_t>(1u << (k / 4 % 8));
    }
  }
  return bits;
}

inline Matrix<std::int16_t> multiplied(const MatrixTiles& tiles, const TilesShape& shape,
                                       const Operand<std::uint8_t>& rows,
                                       const Matrix<std::int8_t>& signs) {
  const Operand<std::uint8_t> weights = tile_weights(shape, signs);
  Matrix<std::int16_t> sums(shape.positions(), shape.channels, 12345);
  tiles.configure();
  tiles.multiply({.rows = rows.data(),
                  .row_bytes = shape.row_bytes,
                  .offsets = shape.offsets.data(),
                  .steps = shape.steps(),
                  .tiles = shape.tiles,
                  .channels = shape.channels,
                  .weights = weights.data(),
                  .sums = sums.values.data()});
  tiles.release();
  return sums;
}

// The same sums as multiplied(), from the formula.
inline Matrix<std::int16_t> counted(const TilesShape& shape, const Operand<std::uint8_t>& rows,
                                    const Matrix<std::int8_t>& signs) {
  Matrix<std::int16_t> sums(shape.positions(), shape.channels);
  for (int p = 0; p < shape.positions(); ++p) {
    for (int n = 0; n < shape.channels; ++n) {
      int sum = 0;
      for (int i = 0; i < shape.steps() * kTileDepth; ++i) {
        const std::ptrdiff_t at = std::ptrdiff_t{p} * shape.row_bytes +
                                  shape.offsets[static_cast<std::size_t>(i / kTileDepth)] +
                                  i % kTileDepth;
        sum += rows[static_cast<std::size_t>(at)] * signs(n, i);
      }
      sums(p, n) = static_cast<std::int16_t>(sum);
    }
  }
  return sums;
}

}  // namespace edgebin::kernels

#endif  // EDGEBIN_TESTS_KERNELS_MATRIX_TILES_OPERANDS_H_
