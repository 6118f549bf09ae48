// Detection on processors that have no folder of kernels of their own: nothing beyond the baseline.
#include "kernels/cpu.h"

namespace edgebin::kernels {

Cpu detect_cpu() noexcept { return {}; }

bool request_amx() noexcept { return false; }

}  // namespace edgebin::kernels
