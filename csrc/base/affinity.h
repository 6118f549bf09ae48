// CPU affinity: which cores the calling thread may use, and pinning it to one of them. The cores
// may be fewer than the machine has.
#ifndef EDGEBIN_BASE_AFFINITY_H_
#define EDGEBIN_BASE_AFFINITY_H_

#include <vector>

namespace edgebin {

// In ascending order; empty where the system does not tell.
std::vector<int> usable_cores();

// At least 1.
int usable_core_count() noexcept;

// Pins the calling thread. If the system refuses, the thread stays unpinned: only speed depends on
// it.
void pin_to_core(int core) noexcept;

// Pins the calling thread to the first core that it may use, the one that a ThreadPool with pinned
// threads leaves to its caller.
void pin_to_first_core() noexcept;

}  // namespace edgebin

#endif  // EDGEBIN_BASE_AFFINITY_H_
