// Gathers the patch of input that an output pixel's window sees, in the order of a row of weights:
// row, column, channel. Taps outside the picture become 0. Adding weight x 0 leaves a sum as it is:
// integers trivially; f32 because a sum that starts at +0 is never -0, so +0 and -0 change nothing
// (weights are finite).
#ifndef EDGEBIN_OPS_CONV_IM2COL_H_
#define EDGEBIN_OPS_CONV_IM2COL_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "ops/conv/geometry.h"
#include "ops/layout.h"

namespace edgebin {

// Bytes behind the last patch that gather_elements may write.
inline constexpr std::size_t kGatherSlack = 16;

// The patches of `pixels` output pixels from `pixel` on, patch_size elements each; those past the
// depth may be anything. T is u8 or float.
template <class T>
void gather_elements(const ConvGeometry& geometry, std::span<const std::byte> input, int pixel,
                     int pixels, int group, T* patches, int patch_size) noexcept;

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

#endif  // EDGEBIN_OPS_CONV_IM2COL_H_
