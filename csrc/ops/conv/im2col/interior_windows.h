// Windows that lie entirely inside the image: their im2col rows consist of whole lines of the
// input, which are copied without a look at each tap.
#ifndef EDGEBIN_OPS_CONV_IM2COL_INTERIOR_WINDOWS_H_
#define EDGEBIN_OPS_CONV_IM2COL_INTERIOR_WINDOWS_H_

#include <cstddef>
#include <span>

#include "ops/conv/geometry.h"

namespace edgebin {

// Windows of neighbouring output pixels. Lengths are in bytes.
struct WindowRun {
  const std::byte* from;
  std::ptrdiff_t step;  // from one window to the next
  int count;
  int lines;             // of a window
  std::ptrdiff_t line;   // length of a line
  std::ptrdiff_t pitch;  // from one line to the next
};

// Writes the im2col rows of the windows, `row_bytes` apart, and fewer than kIm2colSlack bytes
// behind the last one.
void copy_windows(const WindowRun& windows, std::byte* rows, std::ptrdiff_t row_bytes) noexcept;

// Finds windows that copy_windows can copy.
class InteriorWindows {
 public:
  // Elements of `input` have `element_bytes` bytes.
  InteriorWindows(const ConvGeometry& geometry, std::span<const std::byte> input,
                  std::size_t element_bytes) noexcept;

  // The windows of output pixel `pixel` and its neighbours to the right, at most `max_count`. The
  // count is 0 where there are none.
  WindowRun at(int pixel, int max_count) const noexcept;

 private:
  const ConvGeometry& geometry_;
  std::span<const std::byte> input_;
  Interior rows_;
  Interior columns_;
  std::ptrdiff_t pixel_;  // bytes of a pixel
  std::ptrdiff_t line_;   // as in WindowRun
  std::ptrdiff_t pitch_;
  bool contiguous_lines_;
};

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_IM2COL_INTERIOR_WINDOWS_H_
