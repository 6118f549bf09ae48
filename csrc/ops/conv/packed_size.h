// How much memory the weights and biases of a convolution may take once they are packed. Algorithms
// pad the channels of a group to a tile and its depth to words, and may turn a bit of the file into
// a float: in a file of small groups or of many small layers that adds up to many times its size.
#ifndef EDGEBIN_OPS_CONV_PACKED_SIZE_H_
#define EDGEBIN_OPS_CONV_PACKED_SIZE_H_

#include "base/bits.h"
#include "ops/conv/geometry.h"

namespace edgebin {

// An upper bound in bytes, for whichever algorithm computes the convolution.
Bytes packed_size_bound(const ConvSpec& spec);

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_PACKED_SIZE_H_
