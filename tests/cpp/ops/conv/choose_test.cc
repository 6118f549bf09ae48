// Which kernel make_conv gives a layer for a requested conv algorithm.
#include "ops/conv/algorithms/algorithms.h"

#include <gtest/gtest.h>

#include <array>
#include <string_view>

#include "kernels/dispatch.h"

namespace edgebin {
namespace {

constexpr int kChannels = 64;

// A 3x3 window over 8x8 pixels, which suits every algorithm.
class AlgorithmOfALayer : public testing::Test {
 protected:
  std::string_view kernel(const kernels::Kernels& kernels, kernels::ConvAlgo algo) const {
    ConvSpec spec;
    spec.geometry.in = {8, 8, kChannels};
    spec.geometry.out = {8, 8, kChannels};
    spec.geometry.window.rows = {.kernel = 3, .before = 1};
    spec.geometry.window.columns = {.kernel = 3, .before = 1};
    spec.weights = &weights_;
    spec.thresholds = &thresholds_;
    spec.algo = algo;
    return make_conv(spec, kernels)->kernel();
  }

 private:
  std::array<std::byte, kChannels * 9 * kChannels / 8> weight_bytes_{};
  std::array<std::byte, kChannels * 3 * 2> threshold_bytes_{};
  Constant weights_ = {ConstantType::kBit, 4, {kChannels, 3, 3, kChannels}, weight_bytes_};
  Constant thresholds_ = {ConstantType::kI16, 2, {kChannels, 3, 1, 1}, threshold_bytes_};
};

TEST_F(AlgorithmOfALayer, IsTheRequestedOne) {
  for (const kernels::Kernels& kernels : kernels::available()) {
    EXPECT_EQ(kernel(kernels, kernels::ConvAlgo::kBitSerial), "bit_serial") << kernels.isa;
    const std::string_view expected =
        kernels.lookup_count > 0 ? kernels.lookups[0].name : "bit_serial";
    EXPECT_EQ(kernel(kernels, kernels::ConvAlgo::kLookup), expected) << kernels.isa;
    const char* const tiles = kernels.matrix_tiles.name;
    EXPECT_EQ(kernel(kernels, kernels::ConvAlgo::kMatrixTiles), tiles != nullptr ? tiles : expected)
        << kernels.isa;
  }
}

TEST_F(AlgorithmOfALayer, LooksUpPairsOfPixelsOnNeon) {
  const kernels::Kernels& best = kernels::available().front();
  if (std::string_view(best.isa).substr(0, 4) != "neon" || best.lookup_count == 0) {
    GTEST_SKIP() << "needs 64-bit ARM, this is " << best.isa;
  }
  EXPECT_EQ(kernel(best, kernels::ConvAlgo::kLookup), "lookup_pairs");
}

}  // namespace
}  // namespace edgebin
