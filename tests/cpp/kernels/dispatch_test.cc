// The list of instruction sets: complete, best first, and chosen by name or environment variable.
#include "kernels/dispatch.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "kernels/cpu.h"
#include "kernels/environment.h"

namespace edgebin::kernels {
namespace {

constexpr const char* kVariable = "EDGEBIN_ISA";

std::string refusal(std::string_view requested) {
  try {
    choose(requested);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kOption);
    return error.what();
  }
  return "accepted";
}

TEST(Available, EndsWithScalarAndNamesEachOnce) {
  std::set<std::string> names;
  for (const Kernels& kernels : available()) EXPECT_TRUE(names.insert(kernels.isa).second);
  EXPECT_STREQ(available().back().isa, "scalar");
}

TEST(Available, HasWhatTheMachineHas) {
  const Cpu cpu = detect_cpu();
  std::vector<std::string_view> expected;
  if (cpu.amx && request_amx()) expected.push_back("amx");
  if (cpu.avx512) expected.push_back("avx512");
  if (cpu.avx_vnni) expected.push_back("avx_vnni");
  if (cpu.avx2) expected.push_back("avx2");
  if (cpu.neon_dot) expected.push_back("neon_dot");
  if (cpu.neon) expected.push_back("neon");
  expected.push_back("scalar");
  std::vector<std::string_view> found;
  for (const Kernels& kernels : available()) found.push_back(kernels.isa);
  EXPECT_EQ(found, expected);
}

TEST(Available, IsComplete) {
  for (const Kernels& kernels : available()) {
    SCOPED_TRACE(kernels.isa);
    EXPECT_GT(kernels.bit_serial_tile, 0);
    EXPECT_GT(kernels.u8s8_tile, 0);
    ASSERT_GT(kernels.u8s8_unit, 0);
    EXPECT_EQ(64 % kernels.u8s8_unit, 0);
    EXPECT_EQ(kernels.u8s8_row_align % kernels.u8s8_unit, 0);
    EXPECT_LE(kernels.u8s8_row_align, 64);
    EXPECT_GT(kernels.u8s8_pixels, 0);
    EXPECT_GT(kernels.f32_tile, 0);
#define EDGEBIN_EXPECT(kernel, type) EXPECT_NE(kernels.kernel, nullptr);
    EDGEBIN_KERNELS(EDGEBIN_EXPECT)
#undef EDGEBIN_EXPECT
    ASSERT_LE(kernels.lookup_count, kMaxLookups);
    for (int i = 0; i < kernels.lookup_count; ++i) {
      EXPECT_NE(kernels.lookups[i].build, nullptr);
      EXPECT_NE(kernels.lookups[i].multiply, nullptr);
    }
  }
}

TEST(Available, HasMatrixTilesOnAmxAlone) {
  for (const Kernels& kernels : available()) {
    const bool expected = std::string_view(kernels.isa) == "amx";
    EXPECT_EQ(kernels.matrix_tiles.name != nullptr, expected) << kernels.isa;
    if (!expected) continue;
    EXPECT_NE(kernels.matrix_tiles.configure, nullptr);
    EXPECT_NE(kernels.matrix_tiles.release, nullptr);
    EXPECT_NE(kernels.matrix_tiles.multiply, nullptr);
    EXPECT_NE(kernels.matrix_tiles.unpack, nullptr);
    EXPECT_NE(kernels.matrix_tiles.join, nullptr);
  }
}

TEST(Choose, TakesANameAlsoAgainstTheEnvironment) {
  const Environment environment(kVariable, "scalar");
  for (const Kernels& kernels : available()) EXPECT_EQ(&choose(kernels.isa), &kernels);
}

TEST(Choose, WithoutANameTakesTheEnvironmentOrTheBest) {
  {
    const Environment environment(kVariable, "scalar");
    EXPECT_STREQ(choose("").isa, "scalar");
  }
  for (const char* const empty : {"", static_cast<const char*>(nullptr)}) {
    const Environment environment(kVariable, empty);
    EXPECT_EQ(&choose(""), &available().front());
  }
}

TEST(Choose, RefusesWhatIsNotThere) {
  std::string names;
  for (const Kernels& kernels : available())
    names += (names.empty() ? "" : ", ") + std::string(kernels.isa);
  const std::string expected = "expected one of " + names + " on this machine, found ";
  EXPECT_EQ(refusal("m68k"), "isa: " + expected + "\"m68k\"");
  EXPECT_EQ(refusal("Scalar"), "isa: " + expected + "\"Scalar\"; did you mean scalar?");
  const Environment environment(kVariable, "sse9");
  EXPECT_EQ(refusal(""), "EDGEBIN_ISA: " + expected + "\"sse9\"");
}

}  // namespace
}  // namespace edgebin::kernels
