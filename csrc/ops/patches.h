// Gathers the patch of input that an output pixel's window sees, in the order of a row of weights:
// row, column, channel. Taps outside the picture become 0. Adding weight x 0 leaves a sum as it is:
// integers trivially; f32 because a sum that starts at +0 is never -0, so +0 and -0 change nothing
// (weights are finite).
#ifndef EDGEBIN_OPS_PATCHES_H_
#define EDGEBIN_OPS_PATCHES_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "ops/conv_spec.h"
#include "ops/layout.h"

namespace edgebin {

// Fills row[0..depth) of output pixel `pixel`. `copy(input_pixel, taps, to)` writes the group's
// channels of `taps` input pixels that lie side by side.
template <class T, class Copy>
void gather_row(const ConvGeometry& geometry, int pixel, T* row, const Copy& copy) {
  const Axis& rows = geometry.window.rows;
  const Axis& columns = geometry.window.columns;
  const int oy = pixel / geometry.out.w;
  const int ox = pixel % geometry.out.w;
  const Taps y = rows.inside(oy, geometry.in.h);
  const Taps x = columns.inside(ox, geometry.in.w);
  const std::ptrdiff_t channels = geometry.group_in();
  const std::ptrdiff_t line = columns.kernel * channels;
  std::fill(row, row + y.begin * line, T{});
  for (int ky = y.begin; ky < y.end; ++ky) {
    T* const to = row + ky * line;
    const int from = (rows.start(oy) + ky * rows.dilation) * geometry.in.w + columns.start(ox);
    std::fill(to, to + x.begin * channels, T{});
    if (columns.dilation == 1) {
      if (x.begin < x.end) copy(from + x.begin, x.end - x.begin, to + x.begin * channels);
    } else {
      for (int kx = x.begin; kx < x.end; ++kx) {
        copy(from + kx * columns.dilation, 1, to + kx * channels);
      }
    }
    std::fill(to + x.end * channels, to + line, T{});
  }
  std::fill(row + y.end * line, row + rows.kernel * line, T{});
}

// The same for u8 and f32 pixels.
template <class T>
void gather_elements(const ConvGeometry& geometry, const T* input, int pixel, int group, T* row) {
  const std::ptrdiff_t channels = geometry.group_in();
  const T* const first = input + group * channels;
  gather_row(geometry, pixel, row, [&](std::ptrdiff_t from, int taps, T* to) {
    const T* at = first + from * geometry.in.c;
    if (geometry.groups == 1) {
      std::copy_n(at, taps * channels, to);
      return;
    }
    for (int i = 0; i < taps; ++i, at += geometry.in.c, to += channels) {
      std::copy_n(at, channels, to);
    }
  });
}

// The patch of codes as [2][words] bits, zero past the depth.
void gather_codes(const ConvGeometry& geometry, const Word* input, int pixel, int group, int words,
                  Word* patch) noexcept;

// The patch of codes as bytes.
void gather_code_bytes(const ConvGeometry& geometry, const Word* input, int pixel, int group,
                       std::uint8_t* row) noexcept;

// Codes `first`..`first + count` of a pixel's planes as bytes.
void expand_codes(const Word* low, const Word* high, int first, int count,
                  std::uint8_t* codes) noexcept;

}  // namespace edgebin

#endif  // EDGEBIN_OPS_PATCHES_H_
