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
}
#else
TEST(Cpu, HasNothingOfX86) { EXPECT_FALSE(detect_cpu().avx2); }
#endif

}  // namespace
}  // namespace edgebin::kernels
