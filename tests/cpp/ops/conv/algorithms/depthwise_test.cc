// Depthwise convolution of layers whose rows are copied block by block of channels, and computed
// tile by tile of columns, against plain sums.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "base/thread_pool.h"
#include "kernels/dispatch.h"
#include "ops/conv/algorithms/algorithms.h"
#include "ops/layout.h"

namespace edgebin {
namespace {

struct Layer {
  DType input;
  ConstantType weights;
  Shape in;
  int group_out = 1;
};

// A window of 3 rows and 5 columns, stride 1 and 2, dilation 2 and 1.
constexpr int kTaps = 15;

class DepthwiseConv : public testing::Test {
 protected:
  void expect_plain_sums(const Layer& layer) {
    prepare(layer);
    const std::vector<float> expected = plain_sums(layer);
    for (const kernels::Kernels& kernels : kernels::available()) {
      const auto step = make_depthwise_conv(spec_, kernels);
      EXPECT_EQ(step->scratch_bytes() % kCacheLine, 0u) << kernels.isa;
      for (const int threads : {1, 3}) {
        ThreadPool pool(threads);
        std::vector<float> found(expected.size(), -1.0f);
        Operand<std::byte> scratch(static_cast<std::size_t>(step->scratch_bytes()) * threads);
        const std::span<const std::byte> inputs[] = {input_};
        const std::span<std::byte> outputs[] = {std::as_writable_bytes(std::span(found))};
        step->run({inputs, outputs, scratch}, pool);
        EXPECT_EQ(found, expected) << kernels.isa << ", " << threads << " threads";
      }
    }
  }

 private:
  int pick(int first, int last) { return std::uniform_int_distribution<int>(first, last)(random_); }

  void prepare(const Layer& layer) {
    ConvGeometry& geometry = spec_.geometry;
    geometry.in = layer.in;
    geometry.groups = layer.in.c;
    geometry.window.rows = {.kernel = 3, .stride = 1, .dilation = 2, .before = 2, .after = 2};
    geometry.window.columns = {.kernel = 5, .stride = 2, .dilation = 1, .before = 2, .after = 2};
    geometry.out = {geometry.window.rows.output(layer.in.h),
                    geometry.window.columns.output(layer.in.w), layer.in.c * layer.group_out};
    values_.resize(static_cast<std::size_t>(layer.in.elements()));
    const int largest = layer.input == DType::kU8 ? 255 : 3;
    for (int& value : values_) value = pick(0, largest);
    const int row_bytes = layer.weights == ConstantType::kBit ? 2 : kTaps;
    weight_bytes_.resize(std::size_t{1} * geometry.out.c * row_bytes);
    for (std::byte& byte : weight_bytes_) byte = static_cast<std::byte>(pick(0, 255));
    for (std::size_t i = 1; row_bytes == 2 && i < weight_bytes_.size(); i += 2) {
      weight_bytes_[i] &= std::byte{0x7f};
    }
    weights_ = {layer.weights, 4, {geometry.out.c, 3, 5, 1}, weight_bytes_};
    spec_.input = layer.input;
    spec_.weights = &weights_;
    pack_input(layer);
  }

  void pack_input(const Layer& layer) {
    input_ = Operand<std::byte>(static_cast<std::size_t>(value_bytes({layer.input, layer.in})));
    const std::span<std::byte> bytes(input_);
    const int c = layer.in.c;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (layer.input == DType::kU8) {
        bytes[i] = static_cast<std::byte>(values_[i]);
      } else if (layer.input == DType::kF32) {
        elements_of<float>(bytes)[i] = static_cast<float>(values_[i]);
      } else {
        const auto channel = static_cast<int>(i % c);
        Word* const low = planes_of(elements_of<Word>(bytes), static_cast<int>(i / c), c) +
                          channel / kernels::kWordBits;
        low[0] |= Word(values_[i] & 1) << channel % kernels::kWordBits;
        low[plane_words(c)] |= Word(values_[i] >> 1) << channel % kernels::kWordBits;
      }
    }
  }

  int weight(int n, int tap) const {
    if (weights_.type == ConstantType::kS8) {
      return static_cast<std::int8_t>(weight_bytes_[std::size_t{1} * n * kTaps + tap]);
    }
    const auto byte = std::to_integer<int>(weight_bytes_[std::size_t{1} * n * 2 + tap / 8]);
    return (byte >> tap % 8 & 1) != 0 ? 1 : -1;
  }

  std::vector<float> plain_sums(const Layer& layer) const {
    const ConvGeometry& geometry = spec_.geometry;
    std::vector<float> sums;
    for (int oy = 0; oy < geometry.out.h; ++oy) {
      for (int ox = 0; ox < geometry.out.w; ++ox) {
        for (int n = 0; n < geometry.out.c; ++n) {
          int sum = 0;
          for (int tap = 0; tap < kTaps; ++tap) {
            const int y = oy - 2 + tap / 5 * 2;
            const int x = ox * 2 - 2 + tap % 5;
            if (y < 0 || y >= layer.in.h || x < 0 || x >= layer.in.w) continue;
            const std::size_t pixel = std::size_t{1} * y * layer.in.w + x;
            sum += weight(n, tap) * values_[pixel * layer.in.c + n / layer.group_out];
          }
          sums.push_back(static_cast<float>(sum));
        }
      }
    }
    return sums;
  }

  std::mt19937 random_{20170223};
  std::vector<int> values_;
  std::vector<std::byte> weight_bytes_;
  Operand<std::byte> input_;
  Constant weights_;
  ConvSpec spec_;
};

// The ring has 5 rows, of which 32 KiB hold 64 channels of 102 columns.
TEST_F(DepthwiseConv, OfManyColumns) {
  expect_plain_sums({DType::kCode, ConstantType::kBit, {6, 103, 150}});
  expect_plain_sums({DType::kCode, ConstantType::kS8, {6, 103, 150}});
  expect_plain_sums({DType::kU8, ConstantType::kS8, {6, 103, 150}});
  expect_plain_sums({DType::kF32, ConstantType::kS8, {6, 103, 150}});
}

// More than the sums of eight pixels of 1024 channels of 16 bits, or of 512 of 32 bits.
TEST_F(DepthwiseConv, OfManyChannels) {
  expect_plain_sums({DType::kCode, ConstantType::kBit, {3, 7, 1100}});
  expect_plain_sums({DType::kU8, ConstantType::kBit, {3, 7, 1100}});
  expect_plain_sums({DType::kF32, ConstantType::kBit, {3, 7, 1100}});
}

TEST_F(DepthwiseConv, OfGroupsWithSeveralOutputChannels) {
  expect_plain_sums({DType::kCode, ConstantType::kBit, {6, 103, 70}, 3});
  expect_plain_sums({DType::kU8, ConstantType::kS8, {6, 103, 3}, 50});
  expect_plain_sums({DType::kF32, ConstantType::kS8, {6, 30, 70}, 3});
}

}  // namespace
}  // namespace edgebin
