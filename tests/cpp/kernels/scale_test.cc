#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <limits>

#include "kernels/operands.h"

namespace edgebin::kernels {
namespace {

class Scale : public IsaTest {
 protected:
  std::vector<float> run(const std::vector<std::int32_t>& acc, const std::vector<float>& scale,
                         const std::vector<float>& bias) const {
    std::vector<float> y(acc.size(), 12345.0f);
    kernels().scale(acc.data(), scale.data(), bias.data(), static_cast<int>(acc.size()), y.data());
    return y;
  }
};

TEST_P(Scale, RoundsThreeTimes) {
  constexpr std::array<std::int32_t, 8> kEdges{std::numeric_limits<std::int32_t>::min(),
                                               std::numeric_limits<std::int32_t>::max(),
                                               (1 << 24) + 1,
                                               (1 << 24) + 3,
                                               -(1 << 24) - 1,
                                               0,
                                               1,
                                               -1};
  std::uniform_real_distribution<float> real(-3.0f, 3.0f);
  for (std::size_t channels = 1; channels <= 100; ++channels) {
    std::vector<std::int32_t> acc(channels);
    std::vector<float> scale(channels);
    std::vector<float> bias(channels);
    std::vector<float> expected(channels);
    for (std::size_t n = 0; n < channels; ++n) {
      acc[n] = random_() % 4 == 0 ? kEdges[random_() % kEdges.size()]
                                  : static_cast<std::int32_t>(random_() & 0xffffffff);
      scale[n] = real(random_);
      bias[n] = real(random_) * (random_() % 2 == 0 ? 1.0f : 0x1p30f);
      // Exact in f64 up to each rounding; see real_test.cc.
      const auto rounded = static_cast<float>(static_cast<double>(acc[n]));
      const auto product = static_cast<float>(double{rounded} * double{scale[n]});
      expected[n] = static_cast<float>(double{product} + double{bias[n]});
    }
    EXPECT_EQ(run(acc, scale, bias), expected) << channels << " channels";
  }
}

TEST_P(Scale, AddsAPositiveZero) {
  for (const float y : run(std::vector<std::int32_t>(9, 0), std::vector<float>(9, -1.0f),
                           std::vector<float>(9, 0.0f))) {
    EXPECT_EQ(std::bit_cast<std::uint32_t>(y), 0u);  // -0 + +0, not -0
  }
}

EDGEBIN_FOR_EVERY_ISA(Scale);

}  // namespace
}  // namespace edgebin::kernels
