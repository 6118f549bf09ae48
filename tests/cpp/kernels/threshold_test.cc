#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>

#include "kernels/operands.h"

namespace edgebin::kernels {
namespace {

constexpr std::int32_t kLeast = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kGreatest = std::numeric_limits<std::int32_t>::max();

class Threshold : public IsaTest {
 protected:
  // `thresholds` has three rows of at least acc.size() columns.
  void expect_right(const std::vector<std::int32_t>& acc,
                    const Matrix<std::int32_t>& thresholds) const {
    const int channels = static_cast<int>(acc.size());
    Matrix<std::uint8_t> codes(1, channels);
    for (int n = 0; n < channels; ++n) {
      for (int j = 0; j < 3; ++j) {
        if (acc[static_cast<std::size_t>(n)] > thresholds(j, n)) ++codes(0, n);
      }
    }
    const int words = ceil_div(channels, kWordBits);
    std::vector<Word> found(static_cast<std::size_t>(words) * 2, ~Word{0});
    kernels().threshold(acc.data(), thresholds.values.data(), thresholds.columns, channels,
                        found.data(), found.data() + words);
    EXPECT_EQ(found, planes(codes, words)) << channels << " channels";
  }

  // Ascending triples that `draw` makes, and accumulators beside them.
  template <class Draw>
  void expect_right_for(int channels, int stride, const Draw& draw) {
    Matrix<std::int32_t> thresholds(3, stride, 77);
    std::vector<std::int32_t> acc(static_cast<std::size_t>(channels));
    for (int n = 0; n < channels; ++n) {
      std::array<std::int32_t, 3> t{draw(), draw(), draw()};
      std::sort(t.begin(), t.end());
      for (int j = 0; j < 3; ++j) thresholds(j, n) = t[static_cast<std::size_t>(j)];
      acc[static_cast<std::size_t>(n)] = draw();
    }
    expect_right(acc, thresholds);
  }
};

TEST_P(Threshold, TakesEveryNumberOfChannels) {
  for (int channels = 1; channels <= 200; ++channels) {
    expect_right_for(channels, channels + pick(0, 9), [&] { return pick(-4, 4); });
  }
}

TEST_P(Threshold, ComparesTheWholeRange) {
  constexpr std::array<std::int32_t, 9> kEdges{kLeast, kLeast + 1, -65'537,       -1,       0,
                                               1,      65'536,     kGreatest - 1, kGreatest};
  for (int turn = 0; turn < 50; ++turn) {
    expect_right_for(128, 128, [&] { return kEdges[static_cast<std::size_t>(pick(0, 8))]; });
  }
}

TEST_P(Threshold, NothingExceedsTheGreatestAndTheLeastExceedsNothing) {
  const std::vector<std::int32_t> greatest(70, kGreatest);
  const std::vector<std::int32_t> least(70, kLeast);
  expect_right(greatest, Matrix<std::int32_t>(3, 70, kGreatest));
  expect_right(greatest, Matrix<std::int32_t>(3, 70, kLeast));
  expect_right(least, Matrix<std::int32_t>(3, 70, kLeast));
}

EDGEBIN_FOR_EVERY_ISA(Threshold);

}  // namespace
}  // namespace edgebin::kernels
