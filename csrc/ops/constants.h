// Constants of a file, which lie at any alignment, as arrays of numbers.
#ifndef EDGEBIN_OPS_CONSTANTS_H_
#define EDGEBIN_OPS_CONSTANTS_H_

#include <cstdint>
#include <span>
#include <vector>

#include "graph/types.h"
#include "ops/layout.h"

namespace edgebin {

// All elements of an f32 constant, row-major.
std::vector<float> floats_of(const Constant& constant);

// Reads row `row` of a bit, s8 or f32 constant into the first row_length() of `values`; bits become
// +1 and -1. T is s8, i32 or float, and float where the constant is f32.
template <class T>
void read_row(const Constant& constant, std::int64_t row, std::span<T> values);

// Thresholds [channels, 3] as the kernels take them, [3][stride]. T is i16 or i32 (of i16 or i32
// constants) or float. Values that i16 cannot hold are clamped, which makes no difference to sums
// in -32767..32767. Entries past the channels are zero.
template <class T>
Operand<T> thresholds_by_rank(const Constant& thresholds, int stride);

// Copies the bits of row `row` of a bit constant into `words`, lowest first. Bits past the row stay
// as they are, but for those of its last byte, which are zero in the file.
void read_row_bits(const Constant& constant, std::int64_t row, std::span<Word> words);

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONSTANTS_H_
