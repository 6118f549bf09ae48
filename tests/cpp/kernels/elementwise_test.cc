// Elementary functions of every instruction set: the bits of "scalar" for all kinds of numbers and
// every count, and values close to those of the C library in f64.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "base/float_bits.h"
#include "kernels/operands.h"

namespace edgebin::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

constexpr UnaryFn Kernels::* kUnary[] = {
    &Kernels::exp,  &Kernels::sigmoid,   &Kernels::tanh,         &Kernels::silu,
    &Kernels::gelu, &Kernels::gelu_tanh, &Kernels::hard_sigmoid, &Kernels::hard_swish};

class Elementwise : public IsaTest {
 protected:
  // Numbers of every size and sign, and all kinds that are odd.
  std::vector<float> drawn(int count) {
    std::uniform_real_distribution<float> uniform(-110.0f, 110.0f);
    std::uniform_real_distribution<float> small(-4.0f, 4.0f);
    const std::array odd = {kNan,    kInfinity, -kInfinity, 0.0f,    -0.0f,   1e-45f, -1e-41f,
                            3.4e38f, -3.4e38f,  88.72f,     -88.73f, -103.9f, 0.625f};
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& value : values) {
      const int kind = pick(0, 4);
      if (kind == 0) value = odd[pick(0, static_cast<int>(odd.size()) - 1)];
      if (kind == 1 || kind == 2) value = uniform(random_);
      if (kind > 2) value = small(random_);
    }
    return values;
  }

  // Expects of run(kernels, y) the bits of "scalar".
  template <class Run>
  void expect_scalar(std::size_t count, const Run& run) {
    std::vector<float> expected(count, 12345.0f);
    std::vector<float> found(count, 54321.0f);
    run(available().back(), expected.data());
    run(kernels(), found.data());
    EXPECT_EQ(bits_of(found), bits_of(expected)) << count;
  }
};

TEST_P(Elementwise, FunctionsAreThoseOfScalar) {
  for (int count = 1; count <= 140; ++count) {
    const std::vector<float> x = drawn(count);
    for (const auto kernel : kUnary) {
      expect_scalar(x.size(), [&](const Kernels& kernels, float* y) {
        (kernels.*kernel)(x.data(), count, y);
      });
    }
    expect_scalar(x.size(), [&](const Kernels& kernels, float* y) {
      kernels.elu(x.data(), count, -1.5f, y);
    });
  }
}

TEST_P(Elementwise, ClampKeepsNanAndTheSignOfZero) {
  // Read at run time: for a constant of -0, clang 14 makes -0 of +0 here.
  const volatile float least = -0.0f;
  const float low = least;
  for (int count = 1; count <= 70; ++count) {
    const std::vector<float> x = drawn(count);
    std::vector<float> expected;
    for (float value : x) {
      value = value < low ? low : value;
      expected.push_back(value > 6.0f ? 6.0f : value);
    }
    std::vector<float> y(x.size(), 12345.0f);
    kernels().clamp(x.data(), count, low, 6.0f, y.data());
    EXPECT_EQ(bits_of(y), bits_of(expected));
  }
}

TEST_P(Elementwise, SlopesAreOfChannels) {
  for (int channels = 1; channels <= 40; ++channels) {
    const int pixels = pick(1, 40);
    const std::vector<float> x = drawn(pixels * channels);
    const std::vector<float> slope = drawn(channels);
    std::vector<float> expected;
    for (std::size_t i = 0; i < x.size(); ++i) {
      expected.push_back(x[i] > 0.0f ? x[i] : slope[i % slope.size()] * x[i]);
    }
    std::vector<float> y(x.size(), 12345.0f);
    kernels().prelu(x.data(), pixels, channels, slope.data(), y.data());
    EXPECT_EQ(bits_of(y), bits_of(expected));
  }
}

TEST_P(Elementwise, OneOfTwoMayBeASingleNumber) {
  for (int count = 1; count <= 70; ++count) {
    const std::vector<float> a = drawn(count);
    const std::vector<float> b = drawn(count);
    for (const int ones : {0, 1, 2}) {  // neither, a, b
      std::vector<float> sum;
      std::vector<float> difference;
      std::vector<float> product;
      for (std::size_t i = 0; i < a.size(); ++i) {
        const float left = a[ones == 1 ? 0 : i];
        const float right = b[ones == 2 ? 0 : i];
        sum.push_back(left + right);
        difference.push_back(left - right);
        product.push_back(left * right);
      }
      std::vector<float> y(a.size(), 12345.0f);
      const BinaryTask task = {a.data(), b.data(), ones == 1, ones == 2, count, y.data()};
      kernels().add(task);
      EXPECT_EQ(bits_of(y), bits_of(sum));
      kernels().sub(task);
      EXPECT_EQ(bits_of(y), bits_of(difference));
      kernels().mul(task);
      EXPECT_EQ(bits_of(y), bits_of(product));
    }
  }
}

TEST_P(Elementwise, ErrorsAreSmall) {
  std::vector<float> x;
  for (int i = -8700; i <= 8800; ++i) x.push_back(static_cast<float>(i) / 100.0f);
  std::vector<float> y(x.size());
  const auto expect_near = [&](UnaryFn kernel, double (*exact)(double)) {
    kernel(x.data(), std::ssize(x), y.data());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double wanted = exact(x[i]);
      EXPECT_LE(std::abs(y[i] - wanted), 4e-7 * std::abs(wanted)) << x[i];
    }
  };
  expect_near(kernels().exp, [](double v) { return std::exp(v); });
  expect_near(kernels().sigmoid, [](double v) { return 1.0 / (1.0 + std::exp(-v)); });
  expect_near(kernels().silu, [](double v) { return v / (1.0 + std::exp(-v)); });
  expect_near(kernels().tanh, [](double v) { return std::tanh(v); });
}

EDGEBIN_FOR_EVERY_ISA(Elementwise);

}  // namespace
}  // namespace edgebin::kernels
