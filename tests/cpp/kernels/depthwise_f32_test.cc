// Depthwise convolution of f32 of every instruction set: each product and each sum rounded, in the
// order of the taps and unfused, with all remainders of pixels and channels.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "kernels/depthwise_operands.h"

namespace edgebin::kernels {
namespace {

class DepthwiseF32 : public IsaTest {
 protected:
  Matrix<float> run(const DepthwiseShape& shape, const Matrix<float>& input,
                    const Matrix<float>& weights) const {
    return depthwise_sums(kernels().depthwise_f32, shape, input, weights, 12345.0f);
  }

  // Of any sign, between 2^-6 and 2^6.
  Matrix<float> drawn(int rows, int columns) {
    Matrix<float> made(rows, columns);
    for (float& value : made.values) {
      const float mantissa = std::uniform_real_distribution<float>(1.0f, 2.0f)(random_);
      value = std::ldexp(random_() % 2 == 0 ? mantissa : -mantissa, pick(-6, 5));
    }
    return made;
  }

  void expect_right(const DepthwiseShape& shape) {
    const Matrix<float> input = drawn(shape.rows * shape.width(), shape.channels);
    const Matrix<float> weights = drawn(shape.taps(), shape.channels);
    Matrix<float> expected(shape.pixels, shape.channels);
    for_depthwise_products(shape, [&](int p, int c, int from, int tap) {
      // Exact in f64 up to the roundings; see f32_test.cc.
      const auto product = static_cast<float>(double{weights(tap, c)} * double{input(from, c)});
      expected(p, c) = static_cast<float>(double{expected(p, c)} + double{product});
    });
    ASSERT_EQ(run(shape, input, weights), expected)
        << shape.channels << " channels, " << shape.pixels << " pixels, " << shape.rows << 'x'
        << shape.columns << " taps, stride " << shape.stride << ", dilation " << shape.dilation;
  }
};

TEST_P(DepthwiseF32, RoundsEveryProductAndSumInOrder) {
  for (int round = 0; round < 60; ++round) {
    expect_right({.channels = pick(1, 150),
                  .pixels = pick(1, 19),
                  .rows = pick(1, 7),
                  .columns = pick(1, 7),
                  .stride = pick(1, 3),
                  .dilation = pick(1, 3),
                  .first = pick(0, 2),
                  .left_out = pick(0, 2),
                  .gap = pick(0, 1) * pick(0, 40)});
  }
}

TEST_P(DepthwiseF32, TakesEveryTail) {
  for (int pixels = 1; pixels <= 9; ++pixels) {
    for (int channels = 1; channels <= 35; ++channels) {
      expect_right({.channels = channels, .pixels = pixels, .rows = 3, .columns = 3});
    }
  }
}

TEST_P(DepthwiseF32, DoesNotFuse) {
  const float x = 1.0f + 0x1p-12f;
  const auto square = static_cast<float>(double{x} * double{x});
  const DepthwiseShape shape = {.channels = 21, .columns = 2};
  Matrix<float> input(2, shape.channels, 1.0f);
  Matrix<float> weights(2, shape.channels, -square);
  std::fill_n(&input(1, 0), shape.channels, x);
  std::fill_n(&weights(1, 0), shape.channels, x);
  // A fused multiply-add would leave the rounding error of the square.
  EXPECT_EQ(run(shape, input, weights), Matrix<float>(1, shape.channels, 0.0f));
}

TEST_P(DepthwiseF32, StartsAtPositiveZero) {
  const DepthwiseShape shape = {.channels = 21, .columns = 3};
  const Matrix<float> sums =
      run(shape, Matrix<float>(3, shape.channels, -0.0f), Matrix<float>(3, shape.channels, 1.0f));
  for (const float sum : sums.values) EXPECT_EQ(std::bit_cast<std::uint32_t>(sum), 0u);
}

EDGEBIN_FOR_EVERY_ISA(DepthwiseF32);

}  // namespace
}  // namespace edgebin::kernels
