// The families of the operators against what the operators do.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <type_traits>
#include <vector>

#include "base/error.h"
#include "ops/op.h"

namespace edgebin {
namespace {

// An operator that leaves an entry out does not compile.
static_assert(!std::is_default_constructible_v<Required<Family>>);
static_assert(!std::is_default_constructible_v<Op>);

constexpr Shape kShape = {1, 1, 1};
constexpr float kNumbers[] = {1.0f, 2.0f, 3.0f};
constexpr std::int32_t kFirstChannel[] = {0};

Constant f32_constant(int rank, int columns) {
  return {ConstantType::kF32,
          rank,
          {1, columns, 1, 1},
          std::as_bytes(std::span(kNumbers).first(static_cast<std::size_t>(columns)))};
}

// A node of the operator that accepts an input of one element, if its type is right.
Node node_of(std::string_view op) {
  Node node{std::string(op), "node", {}, {}, {}};
  if (op == "affine")
    node.constants = {{"scale", f32_constant(1, 1)}, {"bias", f32_constant(1, 1)}};
  if (op == "conv") {
    node.constants = {{"weights", f32_constant(4, 1)}, {"scale", f32_constant(1, 1)}};
  }
  if (op == "linear") {
    node.constants = {{"weights", f32_constant(2, 1)}, {"scale", f32_constant(1, 1)}};
  }
  if (op == "quantize") node.constants = {{"thresholds", f32_constant(2, 3)}};
  if (op == "elu") node.constants = {{"alpha", f32_constant(1, 1)}};
  if (op == "prelu") node.constants = {{"slope", f32_constant(1, 1)}};
  if (op == "clamp") node.constants = {{"min", f32_constant(1, 1)}, {"max", f32_constant(1, 1)}};
  if (op == "dequantize") node.constants = {{"step", f32_constant(1, 1)}};
  if (op == "max_pool" || op == "avg_pool") node.attributes = {{"kernel_h", 1}, {"kernel_w", 1}};
  if (op.starts_with("reduce_")) node.attributes = {{"over_c", 1}};
  if (op == "group_norm") node.attributes = {{"groups", 1}};
  if (op == "group_norm" || op == "layer_norm") {
    for (const char* const role : {"scale", "bias", "eps"}) {
      node.constants.insert({role, f32_constant(1, 1)});
    }
  }
  if (op == "l2_normalize") node.constants = {{"eps", f32_constant(1, 1)}};
  if (op == "reshape") node.attributes = {{"out_h", 1}, {"out_w", 1}, {"out_c", 1}};
  if (op == "transpose") node.attributes = {{"axis_0", 0}, {"axis_1", 1}, {"axis_2", 2}};
  if (op == "take_channels") {
    const auto bytes = std::as_bytes(std::span(kFirstChannel));
    node.constants = {{"channels", {ConstantType::kI32, 1, {1, 1, 1, 1}, bytes}}};
  }
  if (op == "depth_to_space" || op == "space_to_depth") node.attributes = {{"block", 1}};
  if (op.starts_with("resize")) node.attributes = {{"out_h", 1}, {"out_w", 1}};
  if (op.starts_with("adaptive")) node.attributes = {{"out_h", 1}, {"out_w", 1}};
  return node;
}

std::size_t inputs_of(std::string_view op) {
  return op == "add" || op == "sub" || op == "mul" || op == "concat" ? 2 : 1;
}

// The types that the operator gives for each type of input that it accepts.
std::map<DType, ValueType> outputs_of(const Op& op) {
  const std::string_view name = op.name;
  const Node node = node_of(name);
  std::map<DType, ValueType> outputs;
  for (const DType dtype : {DType::kU8, DType::kCode, DType::kF32}) {
    const std::vector<ValueType> inputs(inputs_of(name), {dtype, kShape});
    try {
      outputs[dtype] = op.infer({node, inputs, {}, {}});
    } catch (const Error&) {
    }
  }
  return outputs;
}

TEST(Operators, AreSortedByName) {
  EXPECT_TRUE(std::ranges::is_sorted(operators(), {}, &Op::name));
}

TEST(Operators, ThatMoveCodesAreThoseThatGiveCodesForCodes) {
  for (const Op& op : operators()) {
    const auto outputs = outputs_of(op);
    EXPECT_FALSE(outputs.empty()) << op.name;
    const auto of_code = outputs.find(DType::kCode);
    const bool gives_codes = of_code != outputs.end() && of_code->second.dtype == DType::kCode;
    EXPECT_EQ(op.moves_codes(), gives_codes) << op.name;
  }
}

TEST(Operators, ThatAreElementwiseKeepTheShape) {
  const Shape shape = {2, 3, 1};
  for (const Op& op : operators()) {
    if (op.family != Family::kElementwise) continue;
    const std::string_view name = op.name;
    const DType dtype = name == "dequantize" ? DType::kCode : DType::kF32;
    const std::vector<ValueType> inputs(inputs_of(name), {dtype, shape});
    EXPECT_EQ(op.infer({node_of(name), inputs, {}, {}}).shape, shape) << name;
  }
}

// Those are the operators whose packed constants may be far larger than the file's.
TEST(Operators, ThatTakePostOpsBoundTheirPackedSize) {
  for (const Op& op : operators()) {
    EXPECT_EQ(op.takes_post_ops(), op.packed_size_bound != kPackedLikeTheFile) << op.name;
  }
}

}  // namespace
}  // namespace edgebin
