// Scale, bias, addition and thresholds of f32 values, of every instruction set, against operations
// that each round once, for all combinations of the optional parts. Thresholds of integer sums are
// in threshold_test.cc.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "kernels/operands.h"

namespace edgebin::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kTiny = std::numeric_limits<float>::denorm_min();
constexpr float kHuge = std::numeric_limits<float>::max();

// The optional parts of a task.
struct Parts {
  bool scales = true;
  bool adds = true;
  bool keeps = true;
  bool codes = true;
};

constexpr std::array<Parts, 8> kAllParts{{{true, false, true, false},
                                          {true, true, true, false},
                                          {true, false, false, true},
                                          {true, true, false, true},
                                          {true, false, true, true},
                                          {true, true, true, true},
                                          {false, false, false, true},
                                          {false, true, true, true}}};

// Operands of a task: sums [pixels][channels], constants [1 or 3][channels].
template <class Sum>
struct Operands {
  Operands(int pixels, int channels)
      : sums(pixels, channels),
        scale(1, channels, 1.0f),
        bias(1, channels),
        sign(1, channels, 1.0f),
        added(pixels, channels),
        thresholds(3, align_up(channels, kWordBits), 77.0f) {}

  Matrix<Sum> sums;
  Matrix<float> scale;
  Matrix<float> bias;
  Matrix<float> sign;
  Matrix<float> added;
  Matrix<float> thresholds;
};

struct Result {
  std::vector<std::uint32_t> y;  // bits of f32
  std::vector<Word> codes;

  bool operator==(const Result&) const = default;
};

// Exact in f64 up to the rounding; see f32_test.cc.
float rounded_product(float a, float b) { return static_cast<float>(double{a} * double{b}); }
float rounded_sum(float a, float b) { return static_cast<float>(double{a} + double{b}); }

template <class Sum>
Result expected_of(const Operands<Sum>& operands, const Parts& parts) {
  const auto& [sums, scale, bias, sign, added, thresholds] = operands;
  Result result;
  Matrix<std::uint8_t> codes(sums.rows, sums.columns);
  for (int p = 0; p < sums.rows; ++p) {
    for (int n = 0; n < sums.columns; ++n) {
      auto y = static_cast<float>(static_cast<double>(sums(p, n)));
      if (parts.scales) y = rounded_sum(rounded_product(y, scale(0, n)), bias(0, n));
      if (parts.adds) y = rounded_sum(y, added(p, n));
      result.y.push_back(std::bit_cast<std::uint32_t>(y));
      for (int j = 0; j < 3; ++j) {
        if ((sign(0, n) < 0 ? -y : y) > thresholds(j, n)) ++codes(p, n);
      }
    }
  }
  if (!parts.keeps) result.y.clear();
  if (parts.codes) result.codes = planes(codes, ceil_div(sums.columns, kWordBits));
  return result;
}

class Epilogue : public IsaTest {
 protected:
  void run(const EpilogueTask<std::int16_t>& task) const { kernels().epilogue_i16(task); }
  void run(const EpilogueTask<std::int32_t>& task) const { kernels().epilogue_i32(task); }
  void run(const EpilogueTask<float>& task) const { kernels().epilogue_f32(task); }

  template <class Sum>
  Result found_for(const Operands<Sum>& operands, const Parts& parts) {
    const int pixels = operands.sums.rows;
    const int channels = operands.sums.columns;
    const int words = ceil_div(channels, kWordBits);
    const int sum_step = channels + pick(0, 40);
    const int y_step = channels + pick(0, 3);
    constexpr float kUntouched = 12345.0f;
    std::vector<float> y(static_cast<std::size_t>(pixels * y_step), kUntouched);
    std::vector<Word> codes(static_cast<std::size_t>(2 * words * pixels), ~Word{0});
    run({.sums = stepped(operands.sums, sum_step).data(),
         .sum_step = sum_step,
         .pixels = pixels,
         .channels = channels,
         .scale = parts.scales ? operands.scale.values.data() : nullptr,
         .bias = parts.scales ? operands.bias.values.data() : nullptr,
         .added = parts.adds ? stepped(operands.added, y_step).data() : nullptr,
         .y = parts.keeps ? y.data() : nullptr,
         .y_step = y_step,
         .sign = parts.codes ? operands.sign.values.data() : nullptr,
         .thresholds = parts.codes ? operands.thresholds.values.data() : nullptr,
         .stride = operands.thresholds.columns,
         .codes = {codes.data(), std::ptrdiff_t{2} * words, words}});
    Result result;
    for (int i = 0; i < pixels * y_step; ++i) {
      const float value = y[static_cast<std::size_t>(i)];
      if (!parts.keeps || i % y_step >= channels) {
        EXPECT_EQ(value, kUntouched);
      } else {
        result.y.push_back(std::bit_cast<std::uint32_t>(value));
      }
    }
    if (parts.codes) result.codes = codes;
    return result;
  }

  template <class Sum>
  void expect_right(const Operands<Sum>& operands, const Parts& parts) {
    EXPECT_EQ(found_for(operands, parts), expected_of(operands, parts))
        << operands.sums.rows << " pixels, " << operands.sums.columns << " channels";
  }

  // Sums drawn by `sum`, all other operands by `real`.
  template <class Sum, class DrawSum, class DrawReal>
  Operands<Sum> drawn(int channels, const DrawSum& sum, const DrawReal& real) {
    Operands<Sum> operands(pick(1, 7), channels);
    std::ranges::generate(operands.sums.values, [&] { return static_cast<Sum>(sum()); });
    for (auto* matrix : {&operands.scale, &operands.bias, &operands.added}) {
      std::ranges::generate(matrix->values, real);
    }
    for (int n = 0; n < channels; ++n) {
      operands.sign(0, n) = random_() % 2 == 0 ? 1.0f : -1.0f;
      std::array<float, 3> t{real(), real(), real()};
      std::ranges::sort(t);
      for (int j = 0; j < 3; ++j) operands.thresholds(j, n) = t[static_cast<std::size_t>(j)];
    }
    return operands;
  }
};

TEST_P(Epilogue, TakesEveryNumberOfChannels) {
  const auto real = [&] { return static_cast<float>(pick(-4, 4)) / 4; };
  const auto integer = [&] { return pick(-4, 4); };
  for (int channels = 1; channels <= 140; ++channels) {
    for (const Parts& parts : kAllParts) {
      if (parts.scales) {
        expect_right(drawn<std::int16_t>(channels, integer, real), parts);
        expect_right(drawn<std::int32_t>(channels, integer, real), parts);
      }
      expect_right(drawn<float>(channels, real, real), parts);
    }
  }
}

TEST_P(Epilogue, RoundsEveryStep) {
  constexpr std::array<std::int32_t, 8> kEdges{std::numeric_limits<std::int32_t>::min(),
                                               std::numeric_limits<std::int32_t>::max(),
                                               (1 << 24) + 1,
                                               (1 << 24) + 3,
                                               -(1 << 24) - 1,
                                               0,
                                               1,
                                               -1};
  std::uniform_real_distribution<float> uniform(-3.0f, 3.0f);
  const auto real = [&] { return uniform(random_) * (random_() % 2 == 0 ? 1.0f : 0x1p30f); };
  const auto sum = [&] {
    return random_() % 4 == 0 ? kEdges[random_() % kEdges.size()]
                              : static_cast<std::int32_t>(random_() & 0xffffffff);
  };
  for (int round = 0; round < 40; ++round) {
    for (const Parts& parts : kAllParts) {
      if (parts.scales) expect_right(drawn<std::int32_t>(pick(1, 130), sum, real), parts);
      if (parts.scales) expect_right(drawn<std::int16_t>(pick(1, 130), sum, real), parts);
      expect_right(drawn<float>(pick(1, 130), real, real), parts);
    }
  }
}

TEST_P(Epilogue, AddsAPositiveZero) {
  Operands<std::int32_t> operands(1, 9);
  std::ranges::fill(operands.scale.values, -1.0f);
  for (const std::uint32_t y : found_for(operands, {true, false, true, false}).y) {
    EXPECT_EQ(y, 0u);  // -0 + +0, not -0
  }
}

TEST_P(Epilogue, ComparesTheWholeRange) {
  constexpr std::array<float, 11> kEdges{-kInfinity, -kHuge, -1.0f, -kTiny,    -0.0f, 0.0f,
                                         kTiny,      1.0f,   kHuge, kInfinity, 0.5f};
  const auto edge = [&] { return kEdges[static_cast<std::size_t>(pick(0, 10))]; };
  for (int round = 0; round < 50; ++round) {
    expect_right(drawn<float>(128, edge, edge), {false, false, false, true});
  }
}

TEST_P(Epilogue, ZerosOfBothSignsDoNotExceedZero) {
  for (const float x : {0.0f, -0.0f}) {
    for (const float t : {0.0f, -0.0f}) {
      Operands<float> operands(1, 70);
      std::ranges::fill(operands.sums.values, x);
      std::ranges::fill(operands.thresholds.values, t);
      EXPECT_EQ(found_for(operands, {false, false, false, true}).codes, std::vector<Word>(4, 0));
    }
  }
}

TEST_P(Epilogue, NanIsCodeZero) {
  for (const float sign : {1.0f, -1.0f}) {
    Operands<float> operands(1, 70);
    std::ranges::fill(operands.sums.values, kNan);
    std::ranges::fill(operands.sign.values, sign);
    std::ranges::fill(operands.thresholds.values, -kInfinity);
    EXPECT_EQ(found_for(operands, {false, false, false, true}).codes, std::vector<Word>(4, 0));
  }
}

TEST_P(Epilogue, AddsToItself) {
  Operands<std::int16_t> operands(3, 77);
  std::ranges::generate(operands.sums.values, [&] { return static_cast<std::int16_t>(random_()); });
  std::ranges::generate(operands.added.values, [&] { return static_cast<float>(pick(-9, 9)); });
  std::vector<float> y = operands.added.values;
  const std::vector<std::int16_t> sums = stepped(operands.sums, 77);
  run({.sums = sums.data(),
       .sum_step = 77,
       .pixels = 3,
       .channels = 77,
       .scale = operands.scale.values.data(),
       .bias = operands.bias.values.data(),
       .added = y.data(),
       .y = y.data(),
       .y_step = 77,
       .sign = nullptr,
       .thresholds = nullptr,
       .stride = 0,
       .codes = {}});
  for (std::size_t i = 0; i < y.size(); ++i) {
    EXPECT_EQ(y[i], static_cast<float>(sums[i]) + operands.added.values[i]);
  }
}

EDGEBIN_FOR_EVERY_ISA(Epilogue);

}  // namespace
}  // namespace edgebin::kernels
