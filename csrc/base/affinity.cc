#include "base/affinity.h"

#if defined(__linux__)
#include <sched.h>
#endif

#include <algorithm>
#include <thread>

namespace edgebin {
namespace {

#if defined(__linux__)

// False where the system does not tell.
bool get_affinity(cpu_set_t& cores) noexcept {
  CPU_ZERO(&cores);
  return sched_getaffinity(0, sizeof cores, &cores) == 0;
}

#endif

}  // namespace

std::vector<int> usable_cores() {
  std::vector<int> cores;
#if defined(__linux__)
  cpu_set_t allowed;
  if (!get_affinity(allowed)) return cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &allowed)) cores.push_back(core);
  }
#endif
  return cores;
}

int usable_core_count() noexcept {
#if defined(__linux__)
  cpu_set_t allowed;
  if (get_affinity(allowed)) return std::max(1, CPU_COUNT(&allowed));
#endif
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

void pin_to_core([[maybe_unused]] int core) noexcept {
#if defined(__linux__)
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(core, &only);
  sched_setaffinity(0, sizeof only, &only);
#endif
}

void pin_to_first_core() noexcept {
#if defined(__linux__)
  cpu_set_t allowed;
  if (!get_affinity(allowed)) return;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (!CPU_ISSET(core, &allowed)) continue;
    pin_to_core(core);
    return;
  }
#endif
}

}  // namespace edgebin
