// A convolution with a fused pool, whose pooling windows may cover no position of its result: taps
// that are far apart can all lie in the padding although the window does not.
#include <gtest/gtest.h>

#include <limits>

#include "runtime/written.h"

namespace edgebin {
namespace {

// A 1x1 convolution of one pixel, which is black: 5, its bias. Taps 9 positions apart.
WrittenNetwork network() {
  WrittenNetwork network = {{1, 1, 1}, {}, {}};
  network.tensors = {{1, {1, 1, 1, 1}, {std::byte{2}}},
                     floats({1}, {1.0f}),
                     floats({1}, {5.0f}),
                     {3, {1}, std::vector<std::byte>(4)}};
  network.nodes = {
      {"conv", {0}, {{"weights", 0}, {"scale", 1}, {"bias", 2}, {"zero", 3}}, {}},
      {"max_pool",
       {1},
       {},
       {{"kernel_h", 1}, {"kernel_w", 2}, {"dilation_w", 9}, {"pad_left", 9}, {"pad_right", 9}}}};
  return network;
}

TEST(PooledConvolution, WindowsThatSeeNothing) {
  const auto file = written(network());
  const auto program = Program::load(file, {});
  ASSERT_EQ(program->fused_steps().size(), 1u);
  const auto found = run_once(program).front();
  ASSERT_EQ(found.size(), 10u);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const bool sees = i == 0 || i == 9;
    EXPECT_EQ(found[i], sees ? 5.0f : -std::numeric_limits<float>::infinity()) << i;
  }
}

}  // namespace
}  // namespace edgebin
