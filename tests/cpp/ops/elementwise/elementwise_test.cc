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

float halved_difference(float a, float b) { return (a - b) * 0.5f; }

constexpr Op kSample = elementwise_op<halved_difference>("sample");

std::string refusal_of(const Node& node, std::span<const ValueType> inputs) {
  try {
    kSample.infer({node, inputs, {}, {}});
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(ElementwiseOp, ComputesEveryElementOnAnyNumberOfThreads) {
  const Node node{"sample", "node", {}, {}, {}};
  const ValueType type = {DType::kF32, {3, 5, 4001}};  // several blocks, the last one shorter
  const std::array types = {type, type};
  const auto step = kSample.prepare({node, types, {}, {}}, kernels::available().front());
  const auto count = static_cast<std::size_t>(type.shape.elements());
  std::vector<float> a(count);
  std::vector<float> b(count, 3.0f);
  for (std::size_t i = 0; i < count; ++i) a[i] = static_cast<float>(i);
  const std::array inputs = {std::as_bytes(std::span(a)), std::as_bytes(std::span(b))};
  for (const int threads : {1, 3}) {
    std::vector<float> y(count, -1.0f);
    const std::array outputs = {std::as_writable_bytes(std::span(y))};
    ThreadPool pool(threads);
    step->run({inputs, outputs, {}}, pool);
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(y[i], (a[i] - 3.0f) * 0.5f) << i;
  }
}

TEST(ElementwiseOp, ChecksItsNode) {
  Node node{"sample", "node", {}, {}, {}};
  const ValueType f32 = {DType::kF32, {1, 2, 3}};
  const ValueType other = {DType::kF32, {1, 2, 4}};
  const ValueType code = {DType::kCode, {1, 2, 3}};
  EXPECT_EQ(kSample.infer({node, std::array{f32, f32}, {}, {}}), f32);
  EXPECT_EQ(refusal_of(node, std::array{f32}),
            "sample \"node\": takes 2 inputs, has 1 [node.inputs]");
  EXPECT_EQ(refusal_of(node, std::array{f32, code}),
            "sample \"node\": takes f32, input is code [node.type]");
  EXPECT_EQ(refusal_of(node, std::array{f32, other}),
            "sample \"node\": takes two inputs of one shape, found f32 1x2x3 and f32 1x2x4 "
            "[node.shape]");
  node.attributes = {{"axis", 1}};
  EXPECT_EQ(refusal_of(node, std::array{f32, f32}),
            "sample \"node\": takes no attribute \"axis\" [node.attribute]");
}

}  // namespace
}  // namespace edgebin
