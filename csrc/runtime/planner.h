// Where each value of a run lies in the arena: values whose lives meet never share a byte. It knows
// lives and sizes, nothing of what the values are.
#ifndef EDGEBIN_RUNTIME_PLANNER_H_
#define EDGEBIN_RUNTIME_PLANNER_H_

#include <cstddef>
#include <span>
#include <vector>

#include "base/bits.h"

namespace edgebin {

// Every offset is a multiple of this.
inline constexpr std::size_t kArenaAlignment = 64;

// A value is alive during the steps first..last, both included; it takes no room if `bytes` is 0.
struct Life {
  Bytes bytes = 0;
  int first = 0;
  int last = 0;
};

struct Plan {
  std::vector<Bytes> offsets;  // in the order of the lives
  Bytes bytes = 0;             // of the arena
};

// The most bytes alive at one step, each value rounded up to the alignment: no plan needs less.
Bytes least_arena_bytes(std::span<const Life> lives);

// A plan that needs little more than that; just that where the values form a chain, with or without
// scratch, and are at most 4,096. Takes time in the square of their number up to there, and n log n
// above it.
Plan plan_arena(std::span<const Life> lives);

}  // namespace edgebin

#endif  // EDGEBIN_RUNTIME_PLANNER_H_
