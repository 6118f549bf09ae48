// f32 convolution of every instruction set: each product and each sum rounded, in order and
// unfused, with all remainders of pixels.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "kernels/operands.h"

namespace edgebin::kernels {
namespace {

class F32 : public IsaTest {
 protected:
  Matrix<float> run(const Matrix<float>& rows, const Matrix<float>& weights) const {
    const std::vector<float> tiles = tiled(weights, kernels().f32_tile, 1);
    Matrix<float> acc(rows.rows, weights.rows, 12345.0f);
    kernels().f32(rows.values.data(), tiles.data(), acc.values.data(), rows.rows, weights.rows,
                  rows.columns);
    return acc;
  }

  // Of any sign, between 2^-6 and 2^6.
  float value() {
    const float mantissa = std::uniform_real_distribution<float>(1.0f, 2.0f)(random_);
    return std::ldexp(random_() % 2 == 0 ? mantissa : -mantissa, pick(-6, 5));
  }

  void expect_right(int pixels, int channels, int depth) {
    Matrix<float> rows(pixels, depth);
    Matrix<float> weights(channels, depth);
    for (float& x : rows.values) x = value();
    for (float& w : weights.values) w = value();
    const Matrix<float> acc = run(rows, weights);
    for (int p = 0; p < pixels; ++p) {
      for (int n = 0; n < channels; ++n) {
        // A product of floats is exact in f64, and a sum rounded to f64 and then to f32 equals the
        // sum rounded to f32: this is the formula even if the compiler contracts.
        float sum = 0.0f;
        for (int k = 0; k < depth; ++k) {
          const auto product = static_cast<float>(double{rows(p, k)} * double{weights(n, k)});
          sum = static_cast<float>(double{sum} + double{product});
        }
        ASSERT_EQ(acc(p, n), sum) << "pixel " << p << " of " << pixels << ", channel " << n
                                  << " of " << channels << ", depth " << depth;
      }
    }
  }
};

TEST_P(F32, RoundsEveryProductAndSumInOrder) {
  for (int round = 0; round < 30; ++round) {
    expect_right(pick(1, 9), kernels().f32_tile * pick(1, 3), pick(1, 300));
  }
}

TEST_P(F32, TakesEveryTailOfPixels) {
  for (int pixels = 1; pixels <= 9; ++pixels) expect_right(pixels, 2 * kernels().f32_tile, 27);
}

TEST_P(F32, DoesNotFuse) {
  const float x = 1.0f + 0x1p-12f;
  const auto square = static_cast<float>(double{x} * double{x});
  Matrix<float> rows(1, 2);
  rows(0, 0) = 1.0f;
  rows(0, 1) = x;
  Matrix<float> weights(kernels().f32_tile, 2);
  for (int n = 0; n < weights.rows; ++n) {
    weights(n, 0) = -square;
    weights(n, 1) = x;
  }
  // A fused multiply-add would leave the rounding error of the square.
  EXPECT_EQ(run(rows, weights), Matrix<float>(1, weights.rows, 0.0f));
}

TEST_P(F32, StartsAtPositiveZero) {
  const Matrix<float> acc =
      run(Matrix<float>(1, 3, -0.0f), Matrix<float>(kernels().f32_tile, 3, 1.0f));
  for (const float sum : acc.values) EXPECT_EQ(std::bit_cast<std::uint32_t>(sum), 0u);
}

EDGEBIN_FOR_EVERY_ISA(F32);

}  // namespace
}  // namespace edgebin::kernels
