// Depthwise convolution of codes and of u8, and the expansion of codes to bytes, of every
// instruction set against plain loops: all remainders of pixels and channels, strides, dilations,
// windows of more taps than a byte holds, and the largest sums.
#include <gtest/gtest.h>

#include "kernels/depthwise_operands.h"

namespace edgebin::kernels {
namespace {

class Depthwise : public IsaTest {
 protected:
  DepthwiseShape drawn(int max_kernel) {
    return {.channels = kDepthwiseUnit * pick(1, 13),
            .pixels = pick(1, 19),
            .rows = pick(1, max_kernel),
            .columns = pick(1, max_kernel),
            .stride = pick(1, 3),
            .dilation = pick(1, 3),
            .first = pick(0, 2),
            .left_out = pick(0, 2),
            .gap = pick(0, 1) * pick(0, 40)};
  }

  template <class T>
  Matrix<T> uniform(int rows, int columns, int first, int last) {
    Matrix<T> made(rows, columns);
    std::ranges::generate(made.values, [&] { return static_cast<T>(pick(first, last)); });
    return made;
  }

  template <class Task, class Input, class Weight, class Sum>
  void expect_sums(void (*kernel)(const Task& task), const DepthwiseShape& shape,
                   const Matrix<Input>& input, const Matrix<Weight>& weights, Sum filler) {
    Matrix<Sum> expected(shape.pixels, shape.channels);
    for_depthwise_products(shape, [&](int p, int c, int from, int tap) {
      expected(p, c) = static_cast<Sum>(expected(p, c) + weights(tap, c) * input(from, c));
    });
    ASSERT_EQ(depthwise_sums(kernel, shape, input, weights, filler), expected)
        << shape.channels << " channels, " << shape.pixels << " pixels, " << shape.rows << 'x'
        << shape.columns << " taps, stride " << shape.stride << ", dilation " << shape.dilation;
  }

  void expect_codes(const DepthwiseShape& shape) {
    const auto input = uniform<std::uint8_t>(shape.rows * shape.width(), shape.channels, 0, 3);
    Matrix<std::int8_t> weights = uniform<std::int8_t>(shape.taps(), shape.channels, 0, 1);
    for (std::int8_t& weight : weights.values) weight = weight == 0 ? -1 : 1;
    expect_sums(kernels().depthwise_codes, shape, input, weights, std::int16_t{12345});
  }

  void expect_u8(const DepthwiseShape& shape) {
    const auto input = uniform<std::uint8_t>(shape.rows * shape.width(), shape.channels, 0, 255);
    const auto weights = uniform<std::int16_t>(shape.taps(), shape.channels, -128, 127);
    expect_sums(kernels().depthwise_u8, shape, input, weights, std::int32_t{12345});
  }
};

TEST_P(Depthwise, EqualsTheNaiveSum) {
  for (int round = 0; round < 60; ++round) {
    expect_codes(drawn(4));
    expect_u8(drawn(4));
  }
}

TEST_P(Depthwise, TakesEveryTail) {
  for (int pixels = 1; pixels <= 17; ++pixels) {
    for (int units = 1; units <= 9; ++units) {
      const DepthwiseShape shape = {
          .channels = units * kDepthwiseUnit, .pixels = pixels, .rows = 3, .columns = 3};
      expect_codes(shape);
      expect_u8(shape);
    }
  }
}

// 42 codes of 3 are the most that a byte holds: rows of fewer, of as many and of more taps.
TEST_P(Depthwise, DividesLargeWindows) {
  for (const int columns : {1, 5, 7, 13, 21, 41, 42, 43, 84, 85, 150}) {
    for (const int rows : {1, 2, 3, 9, 43}) {
      expect_codes({.channels = 80, .pixels = 3, .rows = rows, .columns = columns});
    }
  }
}

TEST_P(Depthwise, HoldsTheLargestSumsOfCodes) {
  const int sides[][2] = {{6, 7}, {7, 6}, {43, 1}, {1, 43}, {43, 254}};  // the last: 10,922 taps
  for (const auto& [rows, columns] : sides) {
    const DepthwiseShape shape = {
        .channels = 2 * kDepthwiseUnit, .pixels = 2, .rows = rows, .columns = columns};
    const Matrix<std::uint8_t> input(rows * shape.width(), shape.channels, 3);
    for (const int weight : {-1, 1}) {
      const Matrix<std::int8_t> weights(shape.taps(), shape.channels,
                                        static_cast<std::int8_t>(weight));
      const auto expected = static_cast<std::int16_t>(3 * weight * rows * columns);
      EXPECT_EQ(depthwise_sums(kernels().depthwise_codes, shape, input, weights, std::int16_t{7}),
                Matrix<std::int16_t>(2, shape.channels, expected));
    }
  }
}

TEST_P(Depthwise, HoldsTheLargestSumsOfU8) {
  const DepthwiseShape shape = {.channels = kDepthwiseUnit, .pixels = 2, .rows = 64, .columns = 80};
  const Matrix<std::uint8_t> input(shape.rows * shape.width(), shape.channels, 255);
  for (const int weight : {-128, 127}) {
    const Matrix<std::int16_t> weights(shape.taps(), shape.channels,
                                       static_cast<std::int16_t>(weight));
    EXPECT_EQ(depthwise_sums(kernels().depthwise_u8, shape, input, weights, 7),
              Matrix<std::int32_t>(2, shape.channels, 255 * weight * shape.taps()));
  }
}

TEST_P(Depthwise, ExpandsCodes) {
  for (int channels = kDepthwiseUnit; channels <= 240; channels += kDepthwiseUnit) {
    const int pixels = pick(1, 5);
    const int words = ceil_div(channels, kWordBits) + pick(0, 1);
    const auto codes = uniform<std::uint8_t>(pixels, channels, 0, 3);
    const std::vector<Word> packed = planes(codes, words);
    const int step = channels + 3;
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(pixels) * step, 99);
    kernels().expand({.words = packed.data(),
                      .step = std::ptrdiff_t{2} * words,
                      .plane = words,
                      .pixels = pixels,
                      .channels = channels,
                      .bytes = bytes.data(),
                      .byte_step = step});
    for (int p = 0; p < pixels; ++p) {
      const std::uint8_t* const at = bytes.data() + std::ptrdiff_t{p} * step;
      for (int c = 0; c < channels; ++c) ASSERT_EQ(at[c], codes(p, c)) << p << ", " << c;
      for (int c = channels; c < step; ++c) ASSERT_EQ(at[c], 99) << "behind the channels";
    }
  }
}

EDGEBIN_FOR_EVERY_ISA(Depthwise);

}  // namespace
}  // namespace edgebin::kernels
