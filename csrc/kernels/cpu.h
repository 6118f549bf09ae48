// What this machine's processor and operating system let a program use. It knows nothing of
// kernels; on processors other than x86 it answers that there is nothing beyond the baseline.
#ifndef EDGEBIN_KERNELS_CPU_H_
#define EDGEBIN_KERNELS_CPU_H_

namespace edgebin::kernels {

struct Cpu {
  bool avx2 = false;  // AVX2 and POPCNT, and the system saves the 256-bit registers
  // That and AVX-512 F, BW, DQ, VL, VBMI, VNNI, VPOPCNTDQ; the system saves the 512-bit registers.
  bool avx512 = false;
};

Cpu detect_cpu() noexcept;

}  // namespace edgebin::kernels

#endif  // EDGEBIN_KERNELS_CPU_H_
