# Sets EDGEBIN_ATOMICS to the library that 64-bit atomics need, if any: a compiler for ARMv6, as 32-bit
# Raspberry Pi OS has it, calls libatomic.
include(CheckCXXSourceCompiles)

check_cxx_source_compiles("
#include <atomic>
#include <cstdint>
std::atomic<std::uint64_t> count{0};
int main() { return static_cast<int>(count.fetch_add(1)); }
" EDGEBIN_HAS_ATOMICS)
set(EDGEBIN_ATOMICS "")
if(NOT EDGEBIN_HAS_ATOMICS)
  set(EDGEBIN_ATOMICS atomic)
endif()
