// How many cores this process may use, which may be fewer than the machine has.
#ifndef EDGEBIN_BASE_CORES_H_
#define EDGEBIN_BASE_CORES_H_

namespace edgebin {

// At least 1.
int usable_cores() noexcept;

}  // namespace edgebin

#endif  // EDGEBIN_BASE_CORES_H_
