// u8s8 convolution of every instruction set against a plain sum: all remainders of pixels and
// tiles, long rows, and the largest sums.
#include <gtest/gtest.h>

#include <utility>

#include "kernels/operands.h"

namespace edgebin::kernels {
namespace {

class U8s8 : public IsaTest {
 protected:
  // The kernel's sums. Rows are padded with bytes that it has to leave out.
  Matrix<std::int32_t> run(const Matrix<std::uint8_t>& rows,
                           const Matrix<std::int8_t>& weights) const {
    const Operand<std::uint8_t> padded = padded_rows(rows, kernels().u8s8_row_align);
    const std::vector<std::int8_t> tiles = tiled(weights, kernels().u8s8_tile, kernels().u8s8_unit);
    Matrix<std::int32_t> acc(rows.rows, weights.rows, 12345);
    kernels().u8s8(padded.data(), tiles.data(), acc.values.data(), rows.rows, weights.rows,
                   rows.columns);
    return acc;
  }

  // `depth` rounded up to whole units.
  int in_units(int depth) const { return align_up(depth, kernels().u8s8_unit); }

  void expect_right(int pixels, int channels, int depth) {
    Matrix<std::uint8_t> rows(pixels, depth);
    Matrix<std::int8_t> weights(channels, depth);
    for (std::uint8_t& value : rows.values) value = static_cast<std::uint8_t>(pick(0, 255));
    for (std::int8_t& value : weights.values) value = static_cast<std::int8_t>(pick(-128, 127));
    Matrix<std::int32_t> expected(pixels, channels);
    for (int p = 0; p < pixels; ++p) {
      for (int n = 0; n < channels; ++n) {
        for (int k = 0; k < depth; ++k) expected(p, n) += rows(p, k) * weights(n, k);
      }
    }
    EXPECT_EQ(run(rows, weights), expected)
        << pixels << " pixels, " << channels << " channels, rows of " << depth;
  }
};

TEST_P(U8s8, EqualsTheNaiveSum) {
  for (int round = 0; round < 40; ++round) {
    expect_right(pick(1, 19), kernels().u8s8_tile * pick(1, 9), kernels().u8s8_unit * pick(1, 200));
  }
}

TEST_P(U8s8, TakesEveryTail) {
  for (int pixels = 1; pixels <= 13; ++pixels) {
    for (int tiles = 1; tiles <= 5; ++tiles) {
      expect_right(pixels, tiles * kernels().u8s8_tile, in_units(148));
    }
  }
}

// Sizes for which matrix tiles pay: whole and partial tiles of pixels, channels and depth.
TEST_P(U8s8, TakesManyPixels) {
  for (const int pixels : {16, 17, 31, 32, 33, 96}) {
    for (const int depth : {28, 64, 148, 192}) {
      for (const int channels : {16, 48, 64, 80, 128}) {
        expect_right(pixels, align_up(channels, kernels().u8s8_tile), in_units(depth));
      }
    }
  }
}

TEST_P(U8s8, TakesLongRows) {
  for (const int depth : {252, 256, 260, 508, 512, 516, 1020, 1024, 1028, 3000}) {
    expect_right(3, kernels().u8s8_tile, in_units(depth));
  }
}

TEST_P(U8s8, HoldsTheWorstCase) {
  for (const auto& [least, pixels] : {std::pair(4, 1), {512, 32}, {65'536, 1}, {65'536, 16}}) {
    const int depth = in_units(least);
    const Matrix<std::uint8_t> rows(pixels, depth, 255);
    for (const int weight : {-128, 127}) {
      const Matrix<std::int8_t> weights(kernels().u8s8_tile, depth,
                                        static_cast<std::int8_t>(weight));
      EXPECT_EQ(run(rows, weights),
                Matrix<std::int32_t>(pixels, weights.rows, 255 * weight * depth))
          << depth << " x 255 x " << weight;
    }
  }
}

EDGEBIN_FOR_EVERY_ISA(U8s8);

}  // namespace
}  // namespace edgebin::kernels
