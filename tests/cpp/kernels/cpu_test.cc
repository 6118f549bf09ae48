#include "kernels/cpu.h"

#include <gtest/gtest.h>

namespace edgebin::kernels {
namespace {

#if defined(__x86_64__) || defined(__i386__)
// The compiler's own detection, which asks the operating system about the registers as well.
TEST(Cpu, AgreesWithTheCompiler) {
  const bool expected =
      __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("popcnt") != 0;
  EXPECT_EQ(detect_cpu().avx2, expected);
  const bool wide =
      expected && __builtin_cpu_supports("avx512f") != 0 &&
      __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
      __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512vnni") != 0 &&
      __builtin_cpu_supports("avx512vpopcntdq") != 0;
  EXPECT_EQ(detect_cpu().avx512, wide);
}
#else
TEST(Cpu, HasNothingOfX86) {
  EXPECT_FALSE(detect_cpu().avx2);
  EXPECT_FALSE(detect_cpu().avx512);
}
#endif

}  // namespace
}  // namespace edgebin::kernels
