// Bit-serial convolution of every instruction set against a plain sum: all remainders of pixels and
// words, and the sums that overflow a narrow counter first.
#include <gtest/gtest.h>

#include "kernels/operands.h"

namespace edgebin::kernels {
namespace {

class BitSerial : public IsaTest {
 protected:
  // Runs the kernel on codes [pixels][length] and signs [channels][length] of +1 and -1. The
  // weights' bits past the row's length are ones, which the contract allows.
  Matrix<std::int32_t> run(const Matrix<std::uint8_t>& codes,
                           const Matrix<std::int8_t>& signs) const {
    const int words = ceil_div(codes.columns, kWordBits);
    Matrix<Word> bits(signs.rows, words, ~Word{0});
    for (int n = 0; n < signs.rows; ++n) {
      for (int k = 0; k < signs.columns; ++k) {
        if (signs(n, k) < 0) bits(n, k / kWordBits) ^= Word{1} << (k % kWordBits);
      }
    }
    const std::vector<Word> rows = planes(codes, words);
    const std::vector<Word> weights = tiled(bits, kernels().bit_serial_tile, 1);
    Matrix<std::int32_t> acc(codes.rows, signs.rows, 12345);
    kernels().bit_serial(rows.data(), weights.data(), acc.values.data(), codes.rows, signs.rows,
                         words);
    return acc;
  }

  void expect_right(int pixels, int channels, int length) {
    Matrix<std::uint8_t> codes(pixels, length);
    Matrix<std::int8_t> signs(channels, length);
    for (std::uint8_t& code : codes.values) code = static_cast<std::uint8_t>(random_() % 4);
    for (std::int8_t& sign : signs.values) sign = random_() % 2 == 0 ? 1 : -1;
    Matrix<std::int32_t> expected(pixels, channels);
    for (int p = 0; p < pixels; ++p) {
      for (int n = 0; n < channels; ++n) {
        for (int k = 0; k < length; ++k) expected(p, n) += signs(n, k) * codes(p, k);
      }
    }
    EXPECT_EQ(run(codes, signs), expected)
        << pixels << " pixels, " << channels << " channels, rows of " << length;
  }

  // All codes equal, all weights `sign`: the sums that overflow a narrow counter first.
  void expect_constant(int words, int code, int sign) const {
    const int length = words * kWordBits;
    const Matrix<std::uint8_t> codes(1, length, static_cast<std::uint8_t>(code));
    const Matrix<std::int8_t> signs(kernels().bit_serial_tile, length,
                                    static_cast<std::int8_t>(sign));
    EXPECT_EQ(run(codes, signs), Matrix<std::int32_t>(1, signs.rows, sign * code * length))
        << words << " words of " << code << " x " << sign;
  }
};

TEST_P(BitSerial, EqualsTheNaiveSum) {
  for (int round = 0; round < 60; ++round) {
    expect_right(pick(1, 9), kernels().bit_serial_tile * pick(1, 5), pick(1, 900));
  }
}

TEST_P(BitSerial, TakesEveryTailOfPixels) {
  for (int pixels = 1; pixels <= 9; ++pixels)
    expect_right(pixels, 2 * kernels().bit_serial_tile, 576);
}

TEST_P(BitSerial, TakesEveryNumberOfWords) {
  for (int words = 1; words <= 42; ++words) {
    expect_right(2, kernels().bit_serial_tile, words * kWordBits - pick(0, 63));
  }
}

TEST_P(BitSerial, CountersHoldTheWorstCase) {
  for (int words = 1; words <= 70; ++words) {
    expect_constant(words, 3, +1);
    expect_constant(words, 3, -1);
  }
  for (const int words : {255, 256, 257, 1000, 4095, 4096, 4097}) {
    for (const int code : {1, 2, 3}) expect_constant(words, code, +1);
  }
}

TEST_P(BitSerial, HoldsTheLongestRow) {
  constexpr int kWords = 65'536;
  const std::vector<Word> row(std::size_t{2} * kWords, ~Word{0});
  const int channels = kernels().bit_serial_tile;
  const std::vector<Word> weights(static_cast<std::size_t>(channels) * kWords, ~Word{0});
  std::vector<std::int32_t> acc(static_cast<std::size_t>(channels));
  kernels().bit_serial(row.data(), weights.data(), acc.data(), 1, channels, kWords);
  EXPECT_EQ(acc, std::vector<std::int32_t>(acc.size(), 3 * kWords * kWordBits));
}

EDGEBIN_FOR_EVERY_ISA(BitSerial);

}  // namespace
}  // namespace edgebin::kernels
