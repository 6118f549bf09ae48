// im2col: gathers the inputs in the window of an output pixel into a row, in the order of a row of
// weights: window row, window column, channel. Taps outside the image become 0. Adding weight x 0
// leaves a sum as it is: trivially for integers; for f32 because a sum that starts at +0 never
// becomes -0, so that adding +0 or -0 changes nothing (weights are finite).
#ifndef EDGEBIN_OPS_CONV_IM2COL_IM2COL_H_
#define EDGEBIN_OPS_CONV_IM2COL_IM2COL_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "ops/conv/geometry.h"
#include "ops/layout.h"

namespace edgebin {

// Bytes behind the last row that im2col_elements may write.
inline constexpr std::size_t kIm2colSlack = 16;

// Writes the rows of `pixels` output pixels from `pixel` on, row_size elements each; elements past
// the depth are unspecified. T is u8 or float.
template <class T>
void im2col_elements(const ConvGeometry& geometry, std::span<const std::byte> input, int pixel,
                     int pixels, int group, T* rows, int row_size) noexcept;

// Writes the row of an output pixel from codes as two planes of `words` words each, zero past the
// depth.
void im2col_planes(const ConvGeometry& geometry, const Word* input, int pixel, int group, int words,
                   Word* row) noexcept;

// Writes the row of an output pixel from codes as bytes.
void im2col_code_bytes(const ConvGeometry& geometry, const Word* input, int pixel, int group,
                       std::uint8_t* row) noexcept;

// Writes codes `first`..`first + count` of a pixel's planes as bytes.
void expand_codes(const Word* low, const Word* high, int first, int count,
                  std::uint8_t* codes) noexcept;

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_IM2COL_IM2COL_H_
