// `slice`: rows, columns and channels at even steps.
#include <array>

#include "base/bits.h"
#include "ops/shape/gather.h"
#include "ops/shape/move.h"

namespace edgebin {
namespace {

struct Range {
  int begin;
  int step;
  int count;

  AxisMap map() const { return AxisMap::along({.factor = step, .offset = begin}, count); }
};

// Of height, width and channels; the keys begin with these letters.
Range range_of(const NodeView& view, char axis, int size) {
  std::array<char, 8> key = {axis, '_', 'b', 'e', 'g', 'i', 'n'};
  const int begin = attribute_or(view, key.data(), 0, size - 1, 0);
  key = {axis, '_', 'e', 'n', 'd'};
  const int end = attribute_or(view, key.data(), begin + 1, size, size);
  key = {axis, '_', 's', 't', 'e', 'p'};
  const int step = attribute_or(view, key.data(), 1, static_cast<int>(kMaxDimension), 1);
  return {begin, step, ceil_div(end - begin, step)};
}

struct Ranges {
  Range h;
  Range w;
  Range c;
};

Ranges ranges_of(const NodeView& view) {
  const Shape& x = view.inputs[0].shape;
  return {range_of(view, 'h', x.h), range_of(view, 'w', x.w), range_of(view, 'c', x.c)};
}

ValueType infer(const NodeView& view) {
  const ValueType& x = moved_input(
      view, {},
      {"h_begin", "h_end", "h_step", "w_begin", "w_end", "w_step", "c_begin", "c_end", "c_step"});
  const Ranges ranges = ranges_of(view);
  return {x.dtype, {ranges.h.count, ranges.w.count, ranges.c.count}};
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  const Ranges ranges = ranges_of(view);
  const ChannelMap channels(view.inputs[0], ranges.c.begin, ranges.c.step, ranges.c.count);
  return make_gather(view, {ranges.h.map(), ranges.w.map(), channels}, kernels);
}

}  // namespace

extern const Op kSlice;
constinit const Op kSlice = move_op("slice", infer, prepare);

}  // namespace edgebin
