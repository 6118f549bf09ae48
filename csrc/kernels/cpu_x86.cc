// Detection on x86: what CPUID lists and the system saves.
#include <cpuid.h>

#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "kernels/cpu.h"

namespace edgebin::kernels {
namespace {

constexpr unsigned kLeaf1EcxPopcnt = 1u << 23;
constexpr unsigned kLeaf1EcxOsxsave = 1u << 27;
constexpr unsigned kLeaf1EcxAvx = 1u << 28;
constexpr unsigned kLeaf7EbxAvx2 = 1u << 5;
constexpr unsigned kLeaf7EbxAvx512 = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;  // F, DQ, BW, VL
constexpr unsigned kLeaf7EcxAvx512 = 1u << 1 | 1u << 11 | 1u << 14;  // VBMI, VNNI, VPOPCNTDQ
constexpr unsigned kLeaf7EcxGfni = 1u << 8;
constexpr unsigned kLeaf7EdxAmx = 1u << 24 | 1u << 25;  // TILE, INT8
constexpr unsigned kLeaf71EaxAvxVnni = 1u << 4;
constexpr unsigned kXcr0XmmYmm = 0x6;
constexpr unsigned kXcr0Tiles = 0x60000;  // configuration and data
constexpr unsigned kXcr0Zmm = 0xe0;       // masks, upper halves, registers 16 to 31

bool has_all(unsigned flags, unsigned wanted) { return (flags & wanted) == wanted; }

// The register states that the operating system saves and restores. Needs OSXSAVE. Not the
// intrinsic, which the compiler allows only under -mxsave.
unsigned read_xcr0() {
  unsigned low = 0;
  unsigned high = 0;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

}  // namespace

Cpu detect_cpu() noexcept {
  Cpu cpu;
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0) return cpu;
  if (!has_all(ecx, kLeaf1EcxPopcnt | kLeaf1EcxOsxsave | kLeaf1EcxAvx)) return cpu;
  const unsigned saved = read_xcr0();
  if (!has_all(saved, kXcr0XmmYmm)) return cpu;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0) return cpu;
  cpu.avx2 = has_all(ebx, kLeaf7EbxAvx2);
  cpu.avx512 = cpu.avx2 && has_all(saved, kXcr0Zmm) && has_all(ebx, kLeaf7EbxAvx512) &&
               has_all(ecx, kLeaf7EcxAvx512);
  cpu.amx = cpu.avx512 && has_all(saved, kXcr0Tiles) && has_all(ecx, kLeaf7EcxGfni) &&
            has_all(edx, kLeaf7EdxAmx);
  if (__get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) == 0) return cpu;
  cpu.avx_vnni = cpu.avx2 && has_all(eax, kLeaf71EaxAvxVnni);
  return cpu;
}

bool request_amx() noexcept {
#if defined(__linux__) && defined(SYS_arch_prctl)
  constexpr int kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM of asm/prctl.h
  constexpr unsigned long kTileData = 18;     // a bit of XCR0
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
  return false;
#endif
}

}  // namespace edgebin::kernels
