// What the four pools share once they know their cells: type inference, and steps that reduce the
// input positions of each cell, row by row.
#ifndef EDGEBIN_OPS_POOL_REDUCE_H_
#define EDGEBIN_OPS_POOL_REDUCE_H_

#include <memory>

#include "ops/check.h"
#include "ops/op.h"
#include "ops/pool/cells.h"

namespace edgebin {

// Checks a pool's node and returns the type of its output. `cells_of` reads the node's attributes.
ValueType infer_pool(const NodeView& view, DTypes accepted, Names keys,
                     PoolCells (*cells_of)(const NodeView& view));

// The maximum of each cell, of codes or f32. It starts at code 0 or at -inf and is replaced by
// larger values only.
std::unique_ptr<const Step> make_max_pool(const ValueType& input, const PoolCells& cells,
                                          const kernels::Kernels& kernels);

// The sum of each cell of f32 over `divisor`, or over the cell's positions where that is 0.
std::unique_ptr<const Step> make_avg_pool(const ValueType& input, const PoolCells& cells,
                                          int divisor, const kernels::Kernels& kernels);

}  // namespace edgebin

#endif  // EDGEBIN_OPS_POOL_REDUCE_H_
