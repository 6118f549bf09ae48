// Where the taps of a window lie that a convolution or a pool slides over a picture, one axis at a
// time: columns follow the same arithmetic as rows. It knows nothing of what is done with the taps.
#ifndef EDGEBIN_OPS_WINDOW_H_
#define EDGEBIN_OPS_WINDOW_H_

#include <cstdint>

#include "ops/op.h"

namespace edgebin {

// The taps begin..end of a kernel that lie inside the picture; the others see padding.
struct Taps {
  int begin = 0;
  int end = 0;

  friend bool operator==(const Taps&, const Taps&) = default;
};

// The output positions begin..end whose windows lie inside the picture whole; none where end is not
// above begin.
struct Interior {
  int begin = 0;
  int end = 0;
};

struct Axis {
  int kernel = 1;
  int stride = 1;
  int dilation = 1;
  int before = 0;  // padding
  int after = 0;

  // Input positions that the dilated kernel spans.
  int extent() const { return dilation * (kernel - 1) + 1; }

  // Output positions over `size` input positions; below 1 where the window does not fit.
  int output(int size) const;

  // Input position of tap 0 at output position `at`; may be negative.
  int start(int at) const { return at * stride - before; }

  // Both ends never rise from one output position to the next.
  Taps inside(int at, int size) const;

  Interior interior(int size) const;
};

// Vertical and horizontal.
struct Window {
  Axis rows;
  Axis columns;
};

// The attributes of a window; `kernel_h`, `kernel_w` are given for a convolution. They refuse a
// value out of its range and a window larger than the padded input, not an unknown key.
Window convolution_window(const NodeView& view, int kernel_h, int kernel_w);
Window pool_window(const NodeView& view);

}  // namespace edgebin

#endif  // EDGEBIN_OPS_WINDOW_H_
