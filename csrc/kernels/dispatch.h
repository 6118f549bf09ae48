// Which implementations of the kernels this build has and this machine can run, and the choice of
// one. It runs no kernel, and calls nothing of an instruction-set folder before the machine is
// known to run its code.
#ifndef EDGEBIN_KERNELS_DISPATCH_H_
#define EDGEBIN_KERNELS_DISPATCH_H_

#include <span>
#include <string_view>

#include "kernels/kernels.h"

namespace edgebin::kernels {

// Best first; the last is always "scalar". Lives as long as the program; safe from any thread. The
// first call asks the system for the tiles of AMX (request_amx), where the processor has them.
std::span<const Kernels> available();

// The implementation named `requested`. "" means the environment variable EDGEBIN_ISA if it is set
// and not empty, and otherwise the best one. A name other than "amx" asks the system for nothing.
// Throws Error(kOption) that names the request and what is available, if that is not among it.
const Kernels& choose(std::string_view requested);

}  // namespace edgebin::kernels

#endif  // EDGEBIN_KERNELS_DISPATCH_H_
