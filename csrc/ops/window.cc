#include "ops/window.h"

#include <algorithm>
#include <string_view>

#include "base/bits.h"
#include "base/error.h"
#include "ops/check.h"

namespace edgebin {
namespace {

constexpr int kMaxKernel = 1 << 12;
constexpr int kMaxPadding = 1 << 12;

// Names of the attributes of one axis.
struct Keys {
  std::string_view kernel, stride, dilation, before, after;
};
constexpr Keys kRows = {"kernel_h", "stride_h", "dilation_h", "pad_top", "pad_bottom"};
constexpr Keys kColumns = {"kernel_w", "stride_w", "dilation_w", "pad_left", "pad_right"};

Axis read_axis(const NodeView& view, const Keys& keys, int kernel, int size) {
  Axis axis;
  axis.kernel = kernel;
  axis.stride = attribute_or(view, keys.stride, 1, kMaxKernel, 1);
  axis.dilation = attribute_or(view, keys.dilation, 1, kMaxKernel, 1);
  axis.before = attribute_or(view, keys.before, 0, kMaxPadding, 0);
  axis.after = attribute_or(view, keys.after, 0, kMaxPadding, 0);
  if (axis.output(size) < 1) {
    refuse(view, Rule::kWindowSize,
           message(keys.kernel, ": window spans ", axis.extent(), ", padded input has ",
                   axis.before + size + axis.after));
  }
  return axis;
}

Axis read_pool_axis(const NodeView& view, const Keys& keys, int size) {
  const Axis axis =
      read_axis(view, keys, required_attribute(view, keys.kernel, 1, kMaxKernel), size);
  if (std::max(axis.before, axis.after) >= axis.extent()) {
    refuse(view, Rule::kWindowPadding,
           message(keys.before, " and ", keys.after, " are ", axis.before, " and ", axis.after,
                   ", expected less than the window's ", axis.extent()));
  }
  return axis;
}

}  // namespace

int Axis::output(int size) const {
  const int slack = before + size + after - extent();
  return slack < 0 ? 0 : slack / stride + 1;
}

Taps Axis::inside(int at, int size) const {
  const int first = start(at);
  // The first tap with first + tap x dilation >= position, at most `kernel`.
  const auto first_tap = [&](int position) {
    return first >= position ? 0 : std::min(ceil_div(position - first, dilation), kernel);
  };
  return {first_tap(0), first_tap(size)};
}

Interior Axis::interior(int size) const {
  return {ceil_div(before, stride), Axis{kernel, stride, dilation, before, 0}.output(size)};
}

Window convolution_window(const NodeView& view, int kernel_h, int kernel_w) {
  if (std::max(kernel_h, kernel_w) > kMaxKernel) {
    refuse(view, Rule::kWindowKernel,
           message("kernel is ", kernel_h, 'x', kernel_w, ", expected at most ", kMaxKernel));
  }
  const Shape& input = view.inputs[0].shape;
  return {read_axis(view, kRows, kernel_h, input.h), read_axis(view, kColumns, kernel_w, input.w)};
}

Window pool_window(const NodeView& view) {
  const Shape& input = view.inputs[0].shape;
  return {read_pool_axis(view, kRows, input.h), read_pool_axis(view, kColumns, input.w)};
}

}  // namespace edgebin
