// A sample operator of one function, as a new elementwise operator would be written.
#include "ops/elementwise/elementwise.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "base/error.h"
#include "kernels/dispatch.h"

namespace edgebin {
namespace {

float halved(float x) { return x * 0.5f; }

constexpr Op kSample = elementwise_op<halved>("sample");

std::string refusal_of(const Op& op, const Node& node, std::span<const ValueType> inputs) {
  try {
    op.infer({node, inputs, {}, {}});
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(ElementwiseOp, ComputesEveryElementOnAnyNumberOfThreads) {
  const Node node{"sample", "node", {}, {}, {}};
  const ValueType type = {DType::kF32, {3, 5, 4001}};  // several blocks, the last one shorter
  const std::array types = {type};
  const auto step = kSample.prepare({node, types, {}, {}}, kernels::available().front());
  const auto count = static_cast<std::size_t>(type.shape.elements());
  std::vector<float> a(count);
  for (std::size_t i = 0; i < count; ++i) a[i] = static_cast<float>(i);
  const std::array inputs = {std::as_bytes(std::span(a))};
  for (const int threads : {1, 3}) {
    std::vector<float> y(count, -1.0f);
    const std::array outputs = {std::as_writable_bytes(std::span(y))};
    ThreadPool pool(threads);
    step->run({inputs, outputs, {}}, pool);
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(y[i], a[i] * 0.5f) << i;
  }
}

TEST(ElementwiseOp, ChecksItsNode) {
  Node node{"sample", "node", {}, {}, {}};
  const ValueType f32 = {DType::kF32, {1, 2, 3}};
  const ValueType code = {DType::kCode, {1, 2, 3}};
  EXPECT_EQ(kSample.infer({node, std::array{f32}, {}, {}}), f32);
  EXPECT_EQ(refusal_of(kSample, node, std::array{f32, f32}),
            "sample \"node\": takes 1 input, has 2 [node.inputs]");
  EXPECT_EQ(refusal_of(kSample, node, std::array{code}),
            "sample \"node\": takes f32, input is code [node.type]");
  node.attributes = {{"axis", 1}};
  EXPECT_EQ(refusal_of(kSample, node, std::array{f32}),
            "sample \"node\": takes no attribute \"axis\" [node.attribute]");
}

TEST(Arithmetic, BroadcastsInFilesOfVersion3) {
  const Node node{"add", "node", {}, {}, {}};
  const Op& add = operator_of(node);
  const ValueType image = {DType::kF32, {4, 2, 3}};
  const ValueType channels = {DType::kF32, {1, 1, 3}};
  const ValueType other = {DType::kF32, {4, 2, 4}};
  const std::array inputs = {channels, image};
  EXPECT_EQ(add.infer({.node = node, .inputs = inputs, .kernel = {}, .version = 3}), image);
  const auto refusal = [&](std::uint32_t version, std::span<const ValueType> types) {
    try {
      add.infer({.node = node, .inputs = types, .kernel = {}, .version = version});
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(refusal(2, inputs),
            "add \"node\": takes two inputs of one shape, found f32 1x1x3 and f32 4x2x3 "
            "[node.shape]");
  EXPECT_EQ(refusal(3, std::array{image, other}),
            "add \"node\": takes two inputs of one shape, or of 1 in a dimension, found f32 4x2x3 "
            "and f32 4x2x4 [node.shape]");
}

}  // namespace
}  // namespace edgebin
