// Reductions and normalizations of every instruction set against plain loops: order of the sums,
// NaN, infinities, zeros of both signs, one channel, one pixel.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "base/float_bits.h"
#include "kernels/operands.h"

namespace edgebin::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// Combines values in the order that kernels.h gives for channels.
template <class T>
T in_parts(std::vector<T> values, T start, const std::function<T(T, T)>& combine) {
  std::vector<T> parts(16, start);
  for (std::size_t c = 0; c < values.size(); ++c) parts[c % 16] = combine(parts[c % 16], values[c]);
  while (parts.size() > 1) {
    const std::size_t half = parts.size() / 2;
    for (std::size_t j = 0; j < half; ++j) parts[j] = combine(parts[j], parts[j + half]);
    parts.resize(half);
  }
  return parts[0];
}

float plus(float a, float b) { return a + b; }
double plus_f64(double a, double b) { return a + b; }
float greater(float running, float value) { return value > running ? value : running; }

class Reduce : public IsaTest {
 protected:
  // Values of which some are odd: NaN, infinite, zero of either sign or denormal.
  Matrix<float> drawn(int rows, int columns, int one_odd_in) {
    std::uniform_real_distribution<float> uniform(-3.0f, 3.0f);
    const float odd[] = {kNan, kInfinity, -kInfinity, 0.0f, -0.0f, 1e-41f};
    Matrix<float> result(rows, columns);
    std::ranges::generate(result.values, [&] {
      return one_odd_in > 0 && pick(1, one_odd_in) == 1 ? odd[pick(0, 5)] : uniform(random_);
    });
    return result;
  }

  static std::vector<float> row_of(const Matrix<float>& matrix, int row) {
    return {&matrix(row, 0), &matrix(row, 0) + matrix.columns};
  }

  std::vector<float> rows_reduced(RowsFn kernel, const Matrix<float>& x, int channels) const {
    std::vector<float> y(static_cast<std::size_t>(channels), 12345.0f);
    kernel({x.values.data(), x.columns, x.rows, channels, y.data()});
    return y;
  }

  std::vector<float> pixels_reduced(PixelsFn kernel, const Matrix<float>& x) const {
    std::vector<float> y(static_cast<std::size_t>(x.rows), 12345.0f);
    kernel(x.values.data(), x.rows, x.columns, y.data());
    return y;
  }

  // Calls test(values) for all numbers of channels up to 140, with and without odd values.
  template <class Test>
  void for_matrices(int rows, const Test& test) {
    for (int channels = 1; channels <= 140; ++channels) {
      for (const int one_odd_in : {0, 3, 40}) {
        SCOPED_TRACE(testing::Message() << channels << " channels, one odd in " << one_odd_in);
        test(drawn(pick(1, rows), channels, one_odd_in));
      }
    }
  }
};

TEST_P(Reduce, RowsAreTakenInOrder) {
  for_matrices(60, [&](const Matrix<float>& x) {
    const int channels = pick(std::max(1, x.columns - 3), x.columns);  // of wider rows
    std::vector<float> sums(static_cast<std::size_t>(channels), 0.0f);
    std::vector<float> maxima(static_cast<std::size_t>(channels), -kInfinity);
    for (int r = 0; r < x.rows; ++r) {
      for (int c = 0; c < channels; ++c) {
        sums[c] += x(r, c);
        maxima[c] = greater(maxima[c], x(r, c));
      }
    }
    EXPECT_EQ(bits_of(rows_reduced(kernels().sum_rows, x, channels)), bits_of(sums));
    EXPECT_EQ(bits_of(rows_reduced(kernels().max_rows, x, channels)), bits_of(maxima));
  });
}

TEST_P(Reduce, MoreRowsThanFitTheCache) {
  const Matrix<float> x = drawn(3000, 37, 0);
  std::vector<float> sums(37, 0.0f);
  std::vector<double> moments(37, 0.0);
  for (int r = 0; r < x.rows; ++r) {
    for (int c = 0; c < 37; ++c) {
      sums[c] += x(r, c);
      moments[c] += (x(r, c) - 0.25) * (x(r, c) - 0.25);
    }
  }
  EXPECT_EQ(rows_reduced(kernels().sum_rows, x, 37), sums);
  const std::vector<double> means(37, 0.25);
  std::vector<double> y(37);
  kernels().moment_rows({x.values.data(), 37, x.rows, 37, means.data(), y.data()});
  EXPECT_EQ(y, moments);
}

TEST_P(Reduce, ChannelsAreTakenInParts) {
  for_matrices(5, [&](const Matrix<float>& x) {
    std::vector<float> sums;
    std::vector<float> maxima;
    for (int p = 0; p < x.rows; ++p) {
      sums.push_back(in_parts<float>(row_of(x, p), 0.0f, plus));
      maxima.push_back(in_parts<float>(row_of(x, p), -kInfinity, greater));
    }
    EXPECT_EQ(bits_of(pixels_reduced(kernels().sum_channels, x)), bits_of(sums));
    EXPECT_EQ(bits_of(pixels_reduced(kernels().max_channels, x)), bits_of(maxima));
  });
}

TEST_P(Reduce, ArgmaxIsTheFirstOfTheLargest) {
  for_matrices(5, [&](Matrix<float> x) {
    for (float& value : x.values) value = std::nearbyint(value);  // so that some are equal
    std::vector<float> expected;
    for (int p = 0; p < x.rows; ++p) {
      float best = -kInfinity;
      int at = 0;
      for (int c = 0; c < x.columns; ++c) {
        if (x(p, c) > best) {
          best = x(p, c);
          at = c;
        }
      }
      expected.push_back(static_cast<float>(at));
    }
    EXPECT_EQ(pixels_reduced(kernels().argmax, x), expected);
  });
}

TEST_P(Reduce, ArgmaxOfNothingAboveMinusInfinityIsZero) {
  for (const int channels : {1, 3, 16, 50}) {
    EXPECT_EQ(pixels_reduced(kernels().argmax, Matrix<float>(2, channels, kNan)),
              std::vector<float>(2, 0.0f));
    EXPECT_EQ(pixels_reduced(kernels().argmax, Matrix<float>(2, channels, -kInfinity)),
              std::vector<float>(2, 0.0f));
  }
}

TEST_P(Reduce, L2NormalizeDividesByTheLengthOrEps) {
  for_matrices(4, [&](Matrix<float> x) {
    std::fill_n(&x(0, 0), x.columns, 1e-30f);  // whose squares vanish
    const float eps = pick(0, 1) == 0 ? 0.0f : 1e-12f;
    std::vector<float> expected;
    for (int p = 0; p < x.rows; ++p) {
      std::vector<float> squares = row_of(x, p);
      for (float& value : squares) value *= value;
      const float length = std::sqrt(in_parts<float>(squares, 0.0f, plus));
      for (const float value : row_of(x, p))
        expected.push_back(value / (eps > length ? eps : length));
    }
    std::vector<float> y(x.values.size(), 12345.0f);
    kernels().l2_normalize(x.values.data(), x.rows, x.columns, eps, y.data());
    EXPECT_EQ(bits_of(y), bits_of(expected));
  });
}

TEST_P(Reduce, MomentsAreSumsInF64) {
  for_matrices(30, [&](const Matrix<float>& x) {
    std::vector<double> means(static_cast<std::size_t>(x.columns));
    for (double& mean : means) mean = pick(-100, 100) / 97.0;
    std::vector<double> sums(means.size(), 0.0);
    std::vector<double> squares(means.size(), 0.0);
    for (int r = 0; r < x.rows; ++r) {
      for (int c = 0; c < x.columns; ++c) {
        sums[c] += x(r, c);
        squares[c] += (x(r, c) - means[c]) * (x(r, c) - means[c]);
      }
    }
    const auto differ = [](double a, double b) { return std::isnan(a) ? !std::isnan(b) : a != b; };
    std::vector<double> y(means.size(), 12345.0);
    kernels().moment_rows({x.values.data(), x.columns, x.rows, x.columns, nullptr, y.data()});
    for (std::size_t c = 0; c < y.size(); ++c) EXPECT_FALSE(differ(y[c], sums[c])) << c;
    kernels().moment_rows({x.values.data(), x.columns, x.rows, x.columns, means.data(), y.data()});
    for (std::size_t c = 0; c < y.size(); ++c) EXPECT_FALSE(differ(y[c], squares[c])) << c;
  });
}

TEST_P(Reduce, GroupNormRoundsOnceToF32) {
  for_matrices(4, [&](const Matrix<float>& x) {
    const auto channels = static_cast<std::size_t>(x.columns);
    const Matrix<float> affine = drawn(2, x.columns, 0);
    std::vector<double> means(channels);
    std::vector<double> factors(channels);
    for (double& mean : means) mean = pick(-100, 100) / 97.0;
    for (double& factor : factors) factor = pick(1, 100) / 31.0;
    std::vector<float> expected;
    for (int p = 0; p < x.rows; ++p) {
      for (int c = 0; c < x.columns; ++c) {
        expected.push_back(
            static_cast<float>((x(p, c) - means[c]) * factors[c] * affine(0, c) + affine(1, c)));
      }
    }
    std::vector<float> y(x.values.size(), 12345.0f);
    kernels().group_norm({x.values.data(), x.rows, x.columns, means.data(), factors.data(),
                          &affine(0, 0), &affine(1, 0), y.data()});
    EXPECT_EQ(bits_of(y), bits_of(expected));
  });
}

TEST_P(Reduce, LayerNormIsOfEachPixel) {
  for_matrices(4, [&](const Matrix<float>& x) {
    const Matrix<float> affine = drawn(2, x.columns, 0);
    const double eps = pick(0, 1) == 0 ? 0.0 : 1e-5;
    std::vector<float> expected;
    for (int p = 0; p < x.rows; ++p) {
      std::vector<double> values(&x(p, 0), &x(p, 0) + x.columns);
      const double mean = in_parts<double>(values, 0.0, plus_f64) / x.columns;
      std::vector<double> squares = values;
      for (double& value : squares) value = (value - mean) * (value - mean);
      const double variance = in_parts<double>(squares, 0.0, plus_f64) / x.columns;
      const double factor = 1.0 / std::sqrt(variance + eps);
      for (int c = 0; c < x.columns; ++c) {
        expected.push_back(
            static_cast<float>((values[c] - mean) * factor * affine(0, c) + affine(1, c)));
      }
    }
    std::vector<float> y(x.values.size(), 12345.0f);
    kernels().layer_norm(
        {x.values.data(), x.rows, x.columns, &affine(0, 0), &affine(1, 0), eps, y.data()});
    EXPECT_EQ(bits_of(y), bits_of(expected));
  });
}

EDGEBIN_FOR_EVERY_ISA(Reduce);

}  // namespace
}  // namespace edgebin::kernels
