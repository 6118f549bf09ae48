// Max and mean pooling of every instruction set against plain loops: order of the sums, NaN, zeros
// of both signs, empty windows, and maxima of integer sums.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "kernels/operands.h"

namespace edgebin::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<const float*> rows_of(const Matrix<float>& taps) {
  std::vector<const float*> rows;
  for (int t = 0; t < taps.rows; ++t) rows.push_back(&taps(t, 0));
  return rows;
}

class Pool : public IsaTest {
 protected:
  Matrix<float> max_of(const Matrix<float>& taps) const {
    Matrix<float> y(1, taps.columns, 12345.0f);
    kernels().max(rows_of(taps).data(), taps.rows, taps.columns, y.values.data());
    return y;
  }

  Matrix<float> mean_of(const Matrix<float>& taps, float divisor) const {
    Matrix<float> y(1, taps.columns, 12345.0f);
    kernels().mean(rows_of(taps).data(), taps.rows, taps.columns, divisor, y.values.data());
    return y;
  }

  Matrix<float> drawn(int taps, int channels) {
    std::uniform_real_distribution<float> uniform(-3.0f, 3.0f);
    Matrix<float> result(taps, channels);
    std::ranges::generate(result.values, [&] { return uniform(random_); });
    return result;
  }
};

TEST_P(Pool, MaxIsTheLargest) {
  for (int channels = 1; channels <= 150; ++channels) {
    const Matrix<float> taps = drawn(pick(1, 12), channels);
    Matrix<float> expected(1, channels, -kInfinity);
    for (int t = 0; t < taps.rows; ++t) {
      for (int c = 0; c < channels; ++c) expected(0, c) = std::max(expected(0, c), taps(t, c));
    }
    EXPECT_EQ(max_of(taps), expected) << channels << " channels";
  }
}

TEST_P(Pool, MeanRoundsEverySumInTheOrderOfTheTaps) {
  for (int channels = 1; channels <= 150; ++channels) {
    const Matrix<float> taps = drawn(pick(1, 60), channels);
    Matrix<float> expected(1, channels);
    for (int c = 0; c < channels; ++c) {
      for (int t = 0; t < taps.rows; ++t) {
        // Exact in f64 up to the rounding; see f32_test.cc.
        expected(0, c) = static_cast<float>(double{expected(0, c)} + double{taps(t, c)});
      }
      expected(0, c) = static_cast<float>(double{expected(0, c)} / 7.0);
    }
    EXPECT_EQ(mean_of(taps, 7.0f), expected) << channels << " channels";
  }
}

TEST_P(Pool, NanNeverWinsAndTheFirstOfEqualZerosStays) {
  for (const int channels : {3, 70}) {
    Matrix<float> taps(3, channels, kNan);
    EXPECT_EQ(max_of(taps), Matrix<float>(1, channels, -kInfinity));
    std::fill_n(&taps(1, 0), channels, -2.0f);
    EXPECT_EQ(max_of(taps), Matrix<float>(1, channels, -2.0f));
    std::fill_n(&taps(1, 0), channels, -0.0f);
    std::fill_n(&taps(2, 0), channels, 0.0f);
    for (const float y : max_of(taps).values) {
      EXPECT_EQ(std::bit_cast<std::uint32_t>(y), std::bit_cast<std::uint32_t>(-0.0f));
    }
  }
}

TEST_P(Pool, AnEmptyWindow) {
  Matrix<float> y(1, 9);
  kernels().max(nullptr, 0, 9, y.values.data());
  EXPECT_EQ(y, Matrix<float>(1, 9, -kInfinity));
  kernels().mean(nullptr, 0, 9, 4.0f, y.values.data());
  EXPECT_EQ(y, Matrix<float>(1, 9, 0.0f));
}

TEST_P(Pool, MaxOfSumsIsTheLargestOrTheSmallest) {
  for (int channels = 1; channels <= 150; ++channels) {
    Matrix<std::int32_t> taps(pick(1, 12), channels);
    std::ranges::generate(taps.values, [&] { return static_cast<std::int32_t>(random_()); });
    taps(0, 0) = std::numeric_limits<std::int32_t>::min();
    taps(taps.rows - 1, channels - 1) = std::numeric_limits<std::int32_t>::max();
    std::vector<std::int32_t> flip(static_cast<std::size_t>(channels));
    std::ranges::generate(flip, [&] { return pick(-1, 0); });
    std::vector<const std::int32_t*> rows;
    for (int t = 0; t < taps.rows; ++t) rows.push_back(&taps(t, 0));
    Matrix<std::int32_t> expected(1, channels);
    for (int c = 0; c < channels; ++c) {
      expected(0, c) = taps(0, c);
      for (int t = 1; t < taps.rows; ++t) {
        expected(0, c) = flip[c] == 0 ? std::max(expected(0, c), taps(t, c))
                                      : std::min(expected(0, c), taps(t, c));
      }
    }
    Matrix<std::int32_t> y(1, channels, 12345);
    kernels().max_sum(rows.data(), taps.rows, channels, flip.data(), y.values.data());
    EXPECT_EQ(y, expected) << channels << " channels";
  }
}

EDGEBIN_FOR_EVERY_ISA(Pool);

}  // namespace
}  // namespace edgebin::kernels
