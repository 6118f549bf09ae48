// Detection on ARM under Linux: the kernel's hardware capabilities, and MIDR_EL1, which names the
// core. Linux lets a program read that register (it traps and answers) where HWCAP_CPUID is set; on
// 32-bit ARM, and elsewhere, the core stays unknown.
#include <sys/auxv.h>

#include <cstdint>

#include "kernels/cpu.h"

namespace edgebin::kernels {
namespace {

bool has(unsigned long type, unsigned bit) { return (getauxval(type) >> bit & 1) != 0; }

#ifdef __aarch64__

// Bits of AT_HWCAP, as linux/arch/arm64/include/uapi/asm/hwcap.h numbers them.
constexpr unsigned kSimd = 1;
constexpr unsigned kCpuId = 11;
constexpr unsigned kDotProduct = 20;

constexpr std::uint64_t kArm = 0x41;

struct Part {
  std::uint64_t number;
  const char* name;
};

// Arm's own cores.
constexpr Part kParts[] = {
    {0xd03, "cortex-a53"},   {0xd04, "cortex-a35"}, {0xd05, "cortex-a55"},   {0xd07, "cortex-a57"},
    {0xd08, "cortex-a72"},   {0xd09, "cortex-a73"}, {0xd0a, "cortex-a75"},   {0xd0b, "cortex-a76"},
    {0xd0c, "neoverse-n1"},  {0xd0d, "cortex-a77"}, {0xd0e, "cortex-a76ae"}, {0xd41, "cortex-a78"},
    {0xd42, "cortex-a78ae"},
};

// Implementer in bits 24 to 31, part in bits 4 to 15. Volatile: a compiler must not read the
// register before it is known that Linux answers, which it does from 4.11 on.
std::uint64_t read_midr() {
  std::uint64_t midr = 0;
  asm volatile("mrs %0, midr_el1" : "=r"(midr));
  return midr;
}

void name_core(Cpu& cpu) {
  if (!has(AT_HWCAP, kCpuId)) return;
  const std::uint64_t midr = read_midr();
  if ((midr >> 24 & 0xff) != kArm) return;
  for (const Part& part : kParts) {
    if (part.number == (midr >> 4 & 0xfff)) cpu.name = part.name;
  }
}

}  // namespace

Cpu detect_cpu() noexcept {
  Cpu cpu;
  cpu.neon = has(AT_HWCAP, kSimd);
  cpu.neon_dot = cpu.neon && has(AT_HWCAP, kDotProduct);
  name_core(cpu);
  return cpu;
}

#else

constexpr unsigned kNeon = 12;

}  // namespace

Cpu detect_cpu() noexcept {
  Cpu cpu;
  cpu.neon = has(AT_HWCAP, kNeon);
  return cpu;
}

#endif

bool request_amx() noexcept { return false; }

}  // namespace edgebin::kernels
