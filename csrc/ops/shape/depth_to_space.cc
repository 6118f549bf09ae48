// `depth_to_space`: the channels of a pixel become a block of pixels.
#include "ops/shape/blocks_of_pixels.h"
#include "ops/shape/move.h"

namespace edgebin {
namespace {

ValueType infer(const NodeView& view) {
  const ValueType& x = moved_input(view, {}, {"block"});
  const std::int64_t block = block_of(view);
  if (x.shape.c % (block * block) != 0) {
    refuse_move(view, Rule::kNodeShape, "a multiple of ", block * block, " channels");
  }
  return output_type(view, x.dtype, x.shape.h * block, x.shape.w * block,
                     x.shape.c / (block * block));
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  return make_block_move(view.inputs[0], block_of(view), true, kernels);
}

}  // namespace

extern const Op kDepthToSpace;
constinit const Op kDepthToSpace = move_op("depth_to_space", infer, prepare);

}  // namespace edgebin
