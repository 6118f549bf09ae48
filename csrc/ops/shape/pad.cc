// `pad`: rows and columns around the image: zeros or a constant, or pixels of the image.
#include <cmath>
#include <string_view>

#include "ops/shape/gather.h"
#include "ops/shape/move.h"

namespace edgebin {
namespace {

constexpr int kMaxPadding = 1 << 12;

PadMode mode_of(const NodeView& view) {
  return static_cast<PadMode>(attribute_or(view, "mode", 0, kPadModes - 1, 0));
}

// The image is reflected or repeated once on each side, not again.
AxisMap axis_of(const NodeView& view, std::string_view before, std::string_view after, int size) {
  const PadMode mode = mode_of(view);
  const int beyond = mode == PadMode::kReflect ? 1 : 0;  // the edge is not repeated
  int count = size;
  for (const std::string_view side : {before, after}) {
    const int positions = attribute_or(view, side, 0, kMaxPadding, 0);
    count += positions;
    if (mode != PadMode::kReflect && mode != PadMode::kCircular) continue;
    if (positions + beyond <= size) continue;
    refuse_move(view, Rule::kNodeShape, "at least ", positions + beyond,
                " rows or columns beside such padding");
  }
  return AxisMap::padded(mode, size, attribute_or(view, before, 0, kMaxPadding, 0), count);
}

AxisMap rows_of(const NodeView& view) {
  return axis_of(view, "pad_top", "pad_bottom", view.inputs[0].shape.h);
}

AxisMap columns_of(const NodeView& view) {
  return axis_of(view, "pad_left", "pad_right", view.inputs[0].shape.w);
}

float outside_of(const NodeView& view) {
  const Constant* const value = optional_constant(view, "value", {ConstantType::kF32}, {1});
  const float outside = value == nullptr ? 0.0f : value->element<float>(0);
  if (std::isnan(outside)) {
    refuse(view, Rule::kConstantFinite, "value: expected a number, found NaN");
  }
  return outside;
}

ValueType infer(const NodeView& view) {
  const ValueType& x =
      moved_input(view, {"value"}, {"pad_top", "pad_left", "pad_bottom", "pad_right", "mode"});
  if (x.dtype != DType::kF32 || mode_of(view) != PadMode::kConstant) require_roles(view, {});
  outside_of(view);
  return output_type(view, x.dtype, rows_of(view).count(), columns_of(view).count(), x.shape.c);
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  return make_gather(
      view, {rows_of(view), columns_of(view), ChannelMap(view.inputs[0]), outside_of(view)},
      kernels);
}

}  // namespace

extern const Op kPad;
constinit const Op kPad = move_op("pad", infer, prepare);

}  // namespace edgebin
