// `resize_nearest`: each pixel is the input's pixel at its place in the image.
#include "ops/shape/gather.h"
#include "ops/shape/move.h"

namespace edgebin {
namespace {

// The keys of the output's size.
Shape size_of(const NodeView& view) {
  return {required_attribute(view, "out_h", 1, kMaxDimension),
          required_attribute(view, "out_w", 1, kMaxDimension), view.inputs[0].shape.c};
}

ValueType infer(const NodeView& view) {
  const ValueType& x = moved_input(view, {}, {"out_h", "out_w", "exact"});
  attribute_or(view, "exact", 0, 1, 0);
  const Shape y = size_of(view);
  return output_type(view, x.dtype, y.h, y.w, y.c);
}

// floor(i size / count), or floor((2 i + 1) size / (2 count)).
AxisMap nearest(bool exact, std::int64_t size, int count) {
  if (!exact) return AxisMap::along({.factor = size, .divisor = count}, count);
  const std::int64_t twice = std::int64_t{2} * count;
  return AxisMap::along({.factor = 2 * size, .offset = size, .divisor = twice}, count);
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  const ValueType& x = view.inputs[0];
  const bool exact = attribute_or(view, "exact", 0, 1, 0) == 1;
  const Shape y = size_of(view);
  return make_gather(
      view, {nearest(exact, x.shape.h, y.h), nearest(exact, x.shape.w, y.w), ChannelMap(x)},
      kernels);
}

}  // namespace

extern const Op kResizeNearest;
constinit const Op kResizeNearest = move_op("resize_nearest", infer, prepare);

}  // namespace edgebin
