// Detection of the processor: on x86 against the compiler's own, on ARM against what QEMU_CPU
// names.
#include "kernels/cpu.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string_view>

namespace edgebin::kernels {
namespace {

#if defined(__x86_64__) || defined(__i386__)
// The compiler's own detection, which includes the registers that the operating system saves.
TEST(Cpu, AgreesWithTheCompiler) {
  const bool expected =
      __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("popcnt") != 0;
  EXPECT_EQ(detect_cpu().avx2, expected);
  const bool wide =
      expected && __builtin_cpu_supports("avx512f") != 0 &&
      __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
      __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512vbmi") != 0 &&
      __builtin_cpu_supports("avx512vnni") != 0 && __builtin_cpu_supports("avx512vpopcntdq") != 0;
  EXPECT_EQ(detect_cpu().avx512, wide);
  EXPECT_LE(detect_cpu().avx_vnni, expected);  // implies AVX2
  EXPECT_LE(detect_cpu().amx, wide);           // implies AVX-512
}
#else
TEST(Cpu, HasNothingOfX86) {
  EXPECT_FALSE(detect_cpu().avx2);
  EXPECT_FALSE(detect_cpu().avx512);
  EXPECT_FALSE(detect_cpu().avx_vnni);
  EXPECT_FALSE(detect_cpu().amx);
  EXPECT_FALSE(request_amx());
}
#endif

#if defined(__aarch64__) || defined(__arm__)
// Processors that qemu emulates, by the names that its environment variable QEMU_CPU takes.
struct Emulated {
  std::string_view cpu;
  bool neon_dot;
  std::string_view name;
};

#ifdef __aarch64__
constexpr Emulated kEmulated[] = {
    {"cortex-a53", false, "cortex-a53"},  {"cortex-a57", false, "cortex-a57"},
    {"cortex-a72", false, "cortex-a72"},  {"cortex-a76", true, "cortex-a76"},
    {"neoverse-n1", true, "neoverse-n1"}, {"max", true, ""},
};
#else
constexpr Emulated kEmulated[] = {
    {"cortex-a7", false, ""},
    {"cortex-a15", false, ""},
    {"max", false, ""},
};
#endif

TEST(Cpu, IsWhatQemuEmulates) {
  const char* const wish = std::getenv("QEMU_CPU");
  if (wish == nullptr) GTEST_SKIP() << "QEMU_CPU is not set";
  for (const Emulated& expected : kEmulated) {
    if (expected.cpu != wish) continue;
    const Cpu found = detect_cpu();
    EXPECT_TRUE(found.neon);
    EXPECT_EQ(found.neon_dot, expected.neon_dot);
    EXPECT_EQ(found.name, expected.name);
    return;
  }
  FAIL() << "QEMU_CPU: expected a processor that this test knows, found " << wish;
}
#else
TEST(Cpu, HasNothingOfArm) {
  EXPECT_FALSE(detect_cpu().neon);
  EXPECT_FALSE(detect_cpu().neon_dot);
  EXPECT_EQ(detect_cpu().name, std::string_view());
}
#endif

}  // namespace
}  // namespace edgebin::kernels
