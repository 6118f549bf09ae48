// Integer thresholds of every instruction set against a plain loop: 1 to 200 channels; sums and
// thresholds up to the ends of i16 and i32. Thresholds of f32 values are in epilogue_test.cc; how a
// batch norm becomes thresholds is tested in tests/python/exporter/test_passes.py.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>

#include "kernels/operands.h"

namespace edgebin::kernels {
namespace {

class Threshold : public IsaTest {
 protected:
  void run(const ThresholdTask<std::int16_t>& task) const { kernels().threshold_i16(task); }
  void run(const ThresholdTask<std::int32_t>& task) const { kernels().threshold_i32(task); }

  // `thresholds` has three rows of a multiple of 64 columns, at least as many as `sums` has.
  template <class Sum>
  void expect_right(const Matrix<Sum>& sums, const Matrix<Sum>& thresholds) {
    Matrix<std::uint8_t> codes(sums.rows, sums.columns);
    for (int p = 0; p < sums.rows; ++p) {
      for (int n = 0; n < sums.columns; ++n) {
        for (int j = 0; j < 3; ++j) {
          if (sums(p, n) > thresholds(j, n)) ++codes(p, n);
        }
      }
    }
    const int words = ceil_div(sums.columns, kWordBits);
    const std::vector<Word> expected = planes(codes, words);
    std::vector<Word> found(expected.size(), ~Word{0});
    const int step = sums.columns + pick(0, 40);
    run({.sums = stepped(sums, step).data(),
         .sum_step = step,
         .pixels = sums.rows,
         .channels = sums.columns,
         .thresholds = thresholds.values.data(),
         .stride = thresholds.columns,
         .codes = {found.data(), std::ptrdiff_t{2} * words, words}});
    EXPECT_EQ(found, expected) << sums.rows << " pixels, " << sums.columns << " channels";
  }

  // Sums and ascending triples of thresholds, all drawn by `draw`.
  template <class Sum, class Draw>
  void expect_right_for(int pixels, int channels, const Draw& draw) {
    Matrix<Sum> thresholds(3, align_up(channels, kWordBits) + kWordBits * pick(0, 1), 77);
    Matrix<Sum> sums(pixels, channels);
    for (Sum& sum : sums.values) sum = static_cast<Sum>(draw());
    for (int n = 0; n < channels; ++n) {
      std::array<Sum, 3> t{};
      std::ranges::generate(t, [&] { return static_cast<Sum>(draw()); });
      std::ranges::sort(t);
      for (int j = 0; j < 3; ++j) thresholds(j, n) = t[static_cast<std::size_t>(j)];
    }
    expect_right(sums, thresholds);
  }

  template <class Sum>
  void expect_right_over_the_range() {
    constexpr Sum kLeast = std::numeric_limits<Sum>::min();
    constexpr Sum kGreatest = std::numeric_limits<Sum>::max();
    constexpr std::array<Sum, 9> kEdges{kLeast, kLeast + 1, kLeast / 3,    -1,       0,
                                        1,      300,        kGreatest - 1, kGreatest};
    for (int round = 0; round < 50; ++round) {
      expect_right_for<Sum>(3, 128, [&] { return kEdges[static_cast<std::size_t>(pick(0, 8))]; });
    }
    expect_right(Matrix<Sum>(2, 70, kGreatest), Matrix<Sum>(3, 128, kGreatest));
    expect_right(Matrix<Sum>(2, 70, kGreatest), Matrix<Sum>(3, 128, kLeast));
    expect_right(Matrix<Sum>(2, 70, kLeast), Matrix<Sum>(3, 128, kLeast));
  }
};

TEST_P(Threshold, TakesEveryNumberOfChannels) {
  const auto draw = [&] { return pick(-4, 4); };
  for (int channels = 1; channels <= 200; ++channels) {
    expect_right_for<std::int16_t>(pick(1, 9), channels, draw);
    expect_right_for<std::int32_t>(pick(1, 9), channels, draw);
  }
}

TEST_P(Threshold, ComparesTheWholeRange) {
  expect_right_over_the_range<std::int16_t>();
  expect_right_over_the_range<std::int32_t>();
}

EDGEBIN_FOR_EVERY_ISA(Threshold);

}  // namespace
}  // namespace edgebin::kernels
