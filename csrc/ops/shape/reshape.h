// The step of operators that give the elements, row-major, another shape.
#ifndef EDGEBIN_OPS_SHAPE_RESHAPE_H_
#define EDGEBIN_OPS_SHAPE_RESHAPE_H_

#include <memory>

#include "ops/op.h"

namespace edgebin {

// `out` has as many elements as the input. Of u8 and f32 the bytes stay as they are; of codes the
// channels are packed again where their number changes.
std::unique_ptr<const Step> make_reshape(const ValueType& input, const Shape& out);

}  // namespace edgebin

#endif  // EDGEBIN_OPS_SHAPE_RESHAPE_H_
