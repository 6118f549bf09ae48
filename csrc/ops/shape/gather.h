// The step of operators whose pixels are pixels of the input, or padding: whole, or some of their
// channels.
#ifndef EDGEBIN_OPS_SHAPE_GATHER_H_
#define EDGEBIN_OPS_SHAPE_GATHER_H_

#include <memory>

#include "ops/op.h"
#include "ops/shape/axis_map.h"
#include "ops/shape/channel_map.h"

namespace edgebin {

// output(i, j, c) = input(i of `rows`, j of `columns`, the c-th of `channels`). Where a row or
// column is outside, f32 is `outside`, and u8 and codes are 0.
struct Gather {
  AxisMap rows;
  AxisMap columns;
  ChannelMap channels;
  float outside = 0.0f;
};

std::unique_ptr<const Step> make_gather(const NodeView& view, Gather gather,
                                        const kernels::Kernels& kernels);

}  // namespace edgebin

#endif  // EDGEBIN_OPS_SHAPE_GATHER_H_
