// Networks whose sizes do not fit 32 bits are refused on every machine. They never wrap to small
// sizes that a run would write past.
#include <gtest/gtest.h>

#include <limits>
#include <new>
#include <string>

#include "base/error.h"
#include "edgebin/model.h"
#include "runtime/written.h"

namespace edgebin {
namespace {

constexpr std::uint8_t kFloatTensor = 4;

std::string refusal(const WrittenNetwork& network, int threads = 1) {
  const auto file = written(network);
  try {
    const auto program = Program::load(file, {.isa = {}, .threads = threads, .kernels = {}});
    return message("loaded, arena ", program->arena_bytes());
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kModelFile);
    return error.what();
  } catch (const std::bad_alloc&) {  // this machine has less memory than the limits allow
    return "no memory";
  }
}

void expect_found(const std::string& text, std::string_view part) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

const WrittenNode kReals = {"affine", {0}, {{"scale", 0}, {"bias", 1}}, {}};

// One channel, as f32 after the first node.
WrittenNetwork reals(std::uint32_t height, std::uint32_t width) {
  return {{height, width, 1}, {floats({1}, {1.0f}), floats({1}, {0.0f})}, {kReals}};
}

TEST(Sizes, ASmallNetworkLoads) { expect_found(refusal(reals(4, 4)), "loaded, arena 64"); }

// 2^28 pixels of one code each take 2^32 bytes: a word for each plane.
TEST(Sizes, CodesOfManyPixels) {
  WrittenNetwork network = reals(1 << 14, 1 << 14);
  network.tensors.push_back(floats({1, 3}, {0.0f, 1.0f, 2.0f}));
  network.tensors.push_back(floats({1}, {1.0f}));
  network.nodes.push_back({"quantize", {1}, {{"thresholds", 2}}, {}});
  network.nodes.push_back({"dequantize", {2}, {{"step", 3}}, {}});
  expect_found(refusal(network), "arena needs 53687091");  // 2^32 + 2^30
}

TEST(Sizes, ValuesThatAreAliveTogether) {
  WrittenNetwork network = reals(1 << 14, 1 << 14);
  for (int i = 0; i < 4; ++i) network.nodes.push_back({"relu", {1}, {}, {}});
  for (std::uint32_t i = 0; i < 3; ++i) {
    network.nodes.push_back({"add", {i == 0 ? 2 : 5 + i, 3 + i}, {}, {}});
  }
  expect_found(refusal(network), "arena needs 53687091");  // five of 2^30
}

TEST(Sizes, ScratchOfAllThreads) {
  WrittenNetwork network = reals(1, 1 << 24);
  network.nodes.push_back({"flatten", {1}, {}, {}});
  network.nodes.push_back({"softmax", {2}, {}, {}});
  expect_found(refusal(network, 32), "arena needs 44291850");  // 32 x 2^27 + 2 x 2^26
}

// The sums of a row of 2^24 columns, each padded to a tile of channels, in a ring of rows.
TEST(Sizes, RingsOfPaddedSums) {
  WrittenNetwork network = {{16, 1 << 24, 1}, {}, {}};
  network.tensors = {
      {1, {1, 1, 1, 1}, {std::byte{1}}}, floats({1}, {1.0f}), {3, {1}, std::vector<std::byte>(4)}};
  network.nodes.push_back({"conv", {0}, {{"weights", 0}, {"scale", 1}, {"zero", 2}}, {}});
  network.nodes.push_back(
      {"max_pool", {1}, {}, {{"kernel_h", 16}, {"kernel_w", 1}, {"stride_w", 4096}}});
  expect_found(refusal(network), "arena needs ");
}

// 2^30 x 8 floats need 2^35 bytes, of which the file has none.
TEST(Sizes, TensorsThatWrapToNothing) {
  WrittenNetwork network = {{1, 1, 1}, {{kFloatTensor, {1 << 15, 1 << 15}, {}}}, {}};
  network.nodes.push_back({"linear", {0}, {{"weights", 0}}, {}});
  expect_found(refusal(network), "has 4294967296 bytes");
}

// One byte of image, 2^24 floats of output: 2^9 images have 2^35 bytes of outputs.
TEST(Sizes, OutputsOfManyImages) {
  if (sizeof(std::size_t) > 4) GTEST_SKIP() << "they fit this machine's sizes";
  WrittenNetwork network = reals(1, 1);
  network.tensors.push_back({kFloatTensor, {1 << 20, 1}, std::vector<std::byte>(4 << 20)});
  network.nodes.push_back({"linear", {1}, {{"weights", 2}}, {}});
  const auto file = written(network);
  const Model model(file);
  const std::vector<std::uint8_t> images(1 << 12);
  EXPECT_THROW(model.run(images), std::bad_alloc);
}

}  // namespace
}  // namespace edgebin
