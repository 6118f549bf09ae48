// The instruction sets that this machine's processor and operating system support, and the name of
// the core where that decides between kernels. It knows nothing of kernels; on a processor that is
// neither x86 nor ARM there is only the baseline.
#ifndef EDGEBIN_KERNELS_CPU_H_
#define EDGEBIN_KERNELS_CPU_H_

namespace edgebin::kernels {

// A member for each instruction set of kernels/isa_list.h.
struct Cpu {
  bool avx2 = false;      // AVX2 and POPCNT, and the system saves the 256-bit registers
  bool avx_vnni = false;  // that and the byte dot products of AVX-VNNI
  // AVX2 and AVX-512 F, BW, DQ, VL, VBMI, VNNI, VPOPCNTDQ; the system saves the 512-bit registers.
  bool avx512 = false;
  // That and AMX (TILE, INT8) and GFNI; the system can save the tiles, which it has to be asked
  // for.
  bool amx = false;
  bool neon = false;      // Advanced SIMD
  bool neon_dot = false;  // and SDOT
  bool scalar = true;     // any processor runs the portable kernels
  const char* name = "";  // of the ARM core that runs detect_cpu, as "cortex-a72"; "" if unknown
};

Cpu detect_cpu() noexcept;

// Asks the system to save the tiles of AMX for this process, and returns whether it does: Linux
// from 5.16 on. From then on the process needs larger alternate signal stacks (sigaltstack), and it
// is refused if a thread already has one that is too small. A fork keeps the permission. Safe to
// call again.
bool request_amx() noexcept;

}  // namespace edgebin::kernels

#endif  // EDGEBIN_KERNELS_CPU_H_
