// `space_to_depth`: a block of pixels becomes the channels of one.
#include "ops/shape/blocks_of_pixels.h"
#include "ops/shape/move.h"

namespace edgebin {
namespace {

ValueType infer(const NodeView& view) {
  const ValueType& x = moved_input(view, {}, {"block"});
  const std::int64_t block = block_of(view);
  if (x.shape.h % block != 0 || x.shape.w % block != 0) {
    refuse_move(view, Rule::kNodeShape, "multiples of ", block, " as height and width");
  }
  return output_type(view, x.dtype, x.shape.h / block, x.shape.w / block,
                     x.shape.c * block * block);
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  return make_block_move(infer(view), block_of(view), false, kernels);
}

}  // namespace

extern const Op kSpaceToDepth;
constinit const Op kSpaceToDepth = move_op("space_to_depth", infer, prepare);

}  // namespace edgebin
