// The memory planner: an offset in the arena for each value of a run. Values that are alive at the
// same time share no byte. It sees only live ranges and sizes, not what the values are.
#ifndef EDGEBIN_RUNTIME_MEMORY_PLANNER_H_
#define EDGEBIN_RUNTIME_MEMORY_PLANNER_H_

#include <cstddef>
#include <span>
#include <vector>

#include "base/bits.h"

namespace edgebin {

// Every offset is a multiple of this many bytes.
inline constexpr std::size_t kArenaAlignment = 64;

// A value is alive during the steps first..last, both included. With 0 bytes it needs no storage.
struct LiveRange {
  Bytes bytes = 0;
  int first = 0;
  int last = 0;
};

struct Plan {
  std::vector<Bytes> offsets;  // in the order of the ranges
  Bytes bytes = 0;             // of the arena
};

// The maximum over all steps of the bytes alive at that step, each value rounded up to the
// alignment. No plan needs less.
Bytes min_arena_bytes(std::span<const LiveRange> ranges);

// Returns a plan that needs little more than that minimum, and exactly the minimum for a chain of
// up to 4,096 values, with or without scratch. Takes quadratic time in the number of values up to
// 4,096 of them and n log n beyond.
Plan plan_arena(std::span<const LiveRange> ranges);

}  // namespace edgebin

#endif  // EDGEBIN_RUNTIME_MEMORY_PLANNER_H_
