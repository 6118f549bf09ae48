// Codes of a pixel as bytes, for operators that move single channels, and back.
#ifndef EDGEBIN_OPS_SHAPE_CODE_BYTES_H_
#define EDGEBIN_OPS_SHAPE_CODE_BYTES_H_

#include <cstdint>

#include "ops/layout.h"

namespace edgebin {

// Bytes of a pixel: a multiple of 64.
inline Bytes code_bytes(int channels) { return align_up(static_cast<Bytes>(channels), kCacheLine); }

// bytes[c] = the code of channel c, for code_bytes(channels): those past the last channel are zero.
void expand_pixel(kernels::ExpandFn expand, const Word* planes, int channels, std::uint8_t* bytes);

// Writes both planes of a pixel. Bytes past the last channel, up to code_bytes(channels), are set
// to zero.
void pack_pixel(std::uint8_t* bytes, int channels, Word* planes);

}  // namespace edgebin

#endif  // EDGEBIN_OPS_SHAPE_CODE_BYTES_H_
