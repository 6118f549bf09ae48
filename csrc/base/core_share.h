// How much of a core the calling thread gets. Where two hyperthreads share a core, and another one
// is busy (of another virtual machine, even, which no counter of this one shows), everything takes
// up to twice as long although the clock stays.
#ifndef EDGEBIN_BASE_CORE_SHARE_H_
#define EDGEBIN_BASE_CORE_SHARE_H_

#include <optional>

namespace edgebin {

// Measures for about 20 microseconds how many additions that do not depend on one another the core
// completes in the time of one in a chain, and returns the share of what it completes where this
// thread has it alone: at most 1, then, and about 0.6 where it is shared. Empty on machines other
// than x86-64 with AVX2.
std::optional<double> measure_core_share() noexcept;

}  // namespace edgebin

#endif  // EDGEBIN_BASE_CORE_SHARE_H_
