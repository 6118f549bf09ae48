// What `depth_to_space` and `space_to_depth` share. A deep pixel has the channels of a block of
// `block` x `block` flat pixels, as PyTorch's pixel_shuffle orders them:
//
//   flat(h block + i, w block + j, c) = deep(h, w, (c block + i) block + j)
#ifndef EDGEBIN_OPS_SHAPE_BLOCKS_OF_PIXELS_H_
#define EDGEBIN_OPS_SHAPE_BLOCKS_OF_PIXELS_H_

#include <memory>

#include "ops/op.h"

namespace edgebin {

// The attribute `block`.
int block_of(const NodeView& view);

// The step between values of these types, from deep to flat pixels or back.
std::unique_ptr<const Step> make_block_move(const ValueType& deep, int block, bool to_flat,
                                            const kernels::Kernels& kernels);

}  // namespace edgebin

#endif  // EDGEBIN_OPS_SHAPE_BLOCKS_OF_PIXELS_H_
