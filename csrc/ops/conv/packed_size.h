// How much memory the weights and biases of a convolution may take once they are packed. Products
// fill up the channels of a group to a tile and its depth to words, and a bit of the file may
// become a float: in a file of small groups or of many small layers that adds up to many times its
// size.
#ifndef EDGEBIN_OPS_CONV_PACKED_SIZE_H_
#define EDGEBIN_OPS_CONV_PACKED_SIZE_H_

#include "base/bits.h"
#include "ops/conv/geometry.h"

namespace edgebin {

// The tiles that fill up most, of all instruction sets: which files are refused is not a matter of
// the machine.
inline constexpr Bytes kMostFloatTile = 64;
inline constexpr Bytes kMostByteTile = 16;
inline constexpr Bytes kMostByteUnit = 16;
inline constexpr Bytes kMostBitTile = 16;
inline constexpr Bytes kMostLookupTile = 64;
inline constexpr Bytes kLeastLookupGroup = 4;

// An upper bound for whatever product serves the convolution.
Bytes packed_bytes(const ConvSpec& spec);

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_PACKED_SIZE_H_
