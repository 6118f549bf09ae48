#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>

#include "kernels/operands.h"

namespace edgebin::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kTiny = std::numeric_limits<float>::denorm_min();
constexpr float kHuge = std::numeric_limits<float>::max();

class Quantize : public IsaTest {
 protected:
  // The planes that the kernel makes, plane 0 first.
  std::vector<Word> run(const std::vector<float>& x, const std::vector<float>& sign,
                        const Matrix<float>& thresholds) const {
    const int channels = static_cast<int>(x.size());
    const int words = ceil_div(channels, kWordBits);
    std::vector<Word> found(static_cast<std::size_t>(words) * 2, ~Word{0});
    kernels().quantize(x.data(), sign.data(), thresholds.values.data(), thresholds.columns,
                       channels, found.data(), found.data() + words);
    return found;
  }

  // Ascending triples that `thresholds` makes under values that `values` makes.
  template <class Thresholds, class Values>
  void expect_right(int channels, int stride, const Thresholds& draw, const Values& values) {
    Matrix<float> thresholds(3, stride, 77.0f);
    std::vector<float> x(static_cast<std::size_t>(channels));
    std::vector<float> sign(x.size());
    Matrix<std::uint8_t> codes(1, channels);
    for (int c = 0; c < channels; ++c) {
      const auto at = static_cast<std::size_t>(c);
      std::array<float, 3> t{draw(), draw(), draw()};
      std::sort(t.begin(), t.end());
      x[at] = values();
      sign[at] = random_() % 2 == 0 ? 1.0f : -1.0f;
      for (int j = 0; j < 3; ++j) {
        thresholds(j, c) = t[static_cast<std::size_t>(j)];
        if ((sign[at] < 0 ? -x[at] : x[at]) > thresholds(j, c)) ++codes(0, c);
      }
    }
    EXPECT_EQ(run(x, sign, thresholds), planes(codes, ceil_div(channels, kWordBits)))
        << channels << " channels";
  }
};

TEST_P(Quantize, TakesEveryNumberOfChannels) {
  for (int channels = 1; channels <= 200; ++channels) {
    const auto draw = [&] { return static_cast<float>(pick(-4, 4)) / 4; };
    expect_right(channels, channels + pick(0, 9), draw, draw);
  }
}

TEST_P(Quantize, ComparesTheWholeRange) {
  constexpr std::array<float, 11> kEdges{-kInfinity, -kHuge, -1.0f, -kTiny,    -0.0f, 0.0f,
                                         kTiny,      1.0f,   kHuge, kInfinity, 0.5f};
  const auto draw = [&] { return kEdges[static_cast<std::size_t>(pick(0, 10))]; };
  for (int turn = 0; turn < 50; ++turn) expect_right(128, 128, draw, draw);
}

TEST_P(Quantize, ZerosOfBothSignsDoNotExceedZero) {
  const std::vector<float> sign(70, 1.0f);
  const std::vector<Word> zero(4, 0);
  for (const float x : {0.0f, -0.0f}) {
    for (const float t : {0.0f, -0.0f}) {
      EXPECT_EQ(run(std::vector<float>(70, x), sign, Matrix<float>(3, 70, t)), zero);
    }
  }
}

TEST_P(Quantize, NanIsCodeZero) {
  const std::vector<Word> zero(4, 0);
  for (const float sign : {1.0f, -1.0f}) {
    EXPECT_EQ(run(std::vector<float>(70, kNan), std::vector<float>(70, sign),
                  Matrix<float>(3, 70, -kInfinity)),
              zero);
  }
}

EDGEBIN_FOR_EVERY_ISA(Quantize);

}  // namespace
}  // namespace edgebin::kernels
