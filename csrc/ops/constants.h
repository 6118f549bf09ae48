// Constants of the file, at any alignment, as plain numbers.
#ifndef EDGEBIN_OPS_CONSTANTS_H_
#define EDGEBIN_OPS_CONSTANTS_H_

#include <cstdint>
#include <vector>

#include "graph/types.h"
#include "ops/layout.h"

namespace edgebin {

// All elements of an f32 constant, row-major.
std::vector<float> floats_of(const Constant& constant);

// Row `row` of a bit, s8 or f32 constant as numbers; bits are +1 and -1. Exact: T is float or an
// integer that holds every s8, and only float where the constant is f32.
template <class T>
void read_row(const Constant& constant, std::int64_t row, T* values);

// Thresholds [channels, 3] as the kernels take them, [3][stride]: T is i32 or i16 (of i16 or i32
// constants) or f32. What i16 cannot hold becomes its nearest, which no sum within -32767..32767
// can tell apart. Entries past the channels are zero.
template <class T>
Operand<T> thresholds_by_rank(const Constant& thresholds, int stride);

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONSTANTS_H_
