// The constant `eps`, which keeps the normalizations from dividing by zero.
#ifndef EDGEBIN_OPS_REDUCE_EPS_H_
#define EDGEBIN_OPS_REDUCE_EPS_H_

#include "ops/op.h"

namespace edgebin {

// Returns it: one finite f32, at least 0.
float eps_of(const NodeView& view);

// Checks the constants `scale` and `bias` [channels] and `eps`, and that there are no others.
void require_affine_and_eps(const NodeView& view);

}  // namespace edgebin

#endif  // EDGEBIN_OPS_REDUCE_EPS_H_
