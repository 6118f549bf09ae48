// The window that a convolution or a pool slides over an image: where its taps lie, one axis at a
// time, for rows and columns follow the same arithmetic.
#ifndef EDGEBIN_OPS_WINDOW_H_
#define EDGEBIN_OPS_WINDOW_H_

#include <cstdint>

#include "ops/op.h"

namespace edgebin {

// The taps begin..end of a window that lie inside the image; the others read padding.
struct Taps {
  int begin = 0;
  int end = 0;

  friend bool operator==(const Taps&, const Taps&) = default;
};

// The output positions begin..end whose windows lie entirely inside the image; none where end <=
// begin.
struct Interior {
  int begin = 0;
  int end = 0;
};

struct Axis {
  int kernel = 1;
  int stride = 1;
  int dilation = 1;
  int before = 0;  // padding positions before the image
  int after = 0;   // and after it

  // Input positions that the dilated kernel spans.
  int extent() const { return dilation * (kernel - 1) + 1; }

  // Output positions over `size` input positions; 0 where the window does not fit.
  int output(int size) const;

  // Input position of tap 0 at output position `at`; may be negative.
  int start(int at) const { return at * stride - before; }

  // The taps inside the image at output position `at`. Neither begin nor end increases from one
  // position to the next.
  Taps inside(int at, int size) const;

  Interior interior(int size) const;
};

struct Window {
  Axis rows;
  Axis columns;
};

// Read a window from a node's attributes; the kernel size of a convolution is that of its weights.
// They check ranges and that the window fits the padded input; unknown keys are left to
// require_keys.
Window convolution_window(const NodeView& view, int kernel_h, int kernel_w);
Window pool_window(const NodeView& view);

}  // namespace edgebin

#endif  // EDGEBIN_OPS_WINDOW_H_
