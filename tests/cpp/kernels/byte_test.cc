#include <gtest/gtest.h>

#include "kernels/operands.h"

namespace edgebin::kernels {
namespace {

class Byte : public IsaTest {
 protected:
  Matrix<std::int32_t> run(const Matrix<std::uint8_t>& rows,
                           const Matrix<std::int16_t>& weights) const {
    const std::vector<std::int16_t> tiles = tiled(weights, kernels().byte_tile, 2);
    Matrix<std::int32_t> acc(rows.rows, weights.rows, 12345);
    kernels().byte(rows.values.data(), tiles.data(), acc.values.data(), rows.rows, weights.rows,
                   rows.columns);
    return acc;
  }

  void expect_right(int pixels, int channels, int depth) {
    Matrix<std::uint8_t> rows(pixels, depth);
    Matrix<std::int16_t> weights(channels, depth);
    for (std::uint8_t& value : rows.values) value = static_cast<std::uint8_t>(pick(0, 255));
    for (std::int16_t& value : weights.values) value = static_cast<std::int16_t>(pick(-128, 127));
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

TEST_P(Byte, EqualsTheNaiveSum) {
  for (int turn = 0; turn < 40; ++turn) {
    expect_right(pick(1, 9), kernels().byte_tile * pick(1, 4), 2 * pick(1, 200));
  }
}

TEST_P(Byte, TakesEveryTailOfPixels) {
  for (int pixels = 1; pixels <= 9; ++pixels) expect_right(pixels, 2 * kernels().byte_tile, 148);
}

TEST_P(Byte, TakesLongRows) {
  for (const int depth : {254, 256, 258, 510, 512, 514, 1022, 1024, 1026, 3000}) {
    expect_right(3, kernels().byte_tile, depth);
  }
}

TEST_P(Byte, HoldsTheWorstCase) {
  for (const int depth : {2, 512, 65'536}) {
    const Matrix<std::uint8_t> rows(1, depth, 255);
    for (const int weight : {-128, 127}) {
      const Matrix<std::int16_t> weights(kernels().byte_tile, depth,
                                         static_cast<std::int16_t>(weight));
      EXPECT_EQ(run(rows, weights), Matrix<std::int32_t>(1, weights.rows, 255 * weight * depth))
          << depth << " x 255 x " << weight;
    }
  }
}

EDGEBIN_FOR_EVERY_ISA(Byte);

}  // namespace
}  // namespace edgebin::kernels
