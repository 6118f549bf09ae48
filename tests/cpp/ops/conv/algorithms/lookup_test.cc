// The scratch memory of lookup convolution.
#include <gtest/gtest.h>

#include <array>

#include "kernels/dispatch.h"
#include "ops/conv/algorithms/algorithms.h"
#include "ops/layout.h"

namespace edgebin {
namespace {

// Otherwise workers would write to a shared cache line, and tables would begin in the middle of
// one.
TEST(LookupConv, ScratchOfAWorkerIsWholeLines) {
  const std::array<std::byte, 8> weight_bytes{};  // a byte for each output channel
  const std::array<std::byte, 8 * 3 * 2> threshold_bytes{};
  const Constant weights = {ConstantType::kBit, 4, {8, 1, 1, 4}, weight_bytes};
  const Constant thresholds = {ConstantType::kI16, 2, {8, 3, 1, 1}, threshold_bytes};
  for (const kernels::Kernels& kernels : kernels::available()) {
    for (int i = 0; i < kernels.lookup_count; ++i) {
      for (int width = 1; width <= 70; ++width) {
        ConvSpec spec;
        spec.geometry.in = {2, width, 4};
        spec.geometry.out = {2, width, 8};
        spec.weights = &weights;
        spec.thresholds = &thresholds;
        const auto step = make_lookup_conv(spec, kernels, kernels.lookups[i]);
        EXPECT_EQ(step->scratch_bytes() % kCacheLine, 0u)
            << kernels.isa << ", " << step->kernel() << ", " << width << " columns";
      }
    }
  }
}

}  // namespace
}  // namespace edgebin
