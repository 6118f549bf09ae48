#include "kernels/dispatch.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "kernels/cpu.h"

namespace edgebin::kernels {
namespace {

// EDGEBIN_ISA as a test wants it; as it was, afterwards.
class Environment {
 public:
  explicit Environment(const char* value) {
    if (const char* const old = std::getenv(kName)) old_ = old;
    set(value);
  }
  ~Environment() { set(old_ ? old_->c_str() : nullptr); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  static constexpr const char* kName = "EDGEBIN_ISA";

  static void set(const char* value) {
    if (value == nullptr) {
      unsetenv(kName);
    } else {
      setenv(kName, value, 1);
    }
  }

  std::optional<std::string> old_;
};

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
  if (cpu.avx512) expected.push_back("avx512");
  if (cpu.avx2) expected.push_back("avx2");
  expected.push_back("scalar");
  std::vector<std::string_view> found;
  for (const Kernels& kernels : available()) found.push_back(kernels.isa);
  EXPECT_EQ(found, expected);
}

TEST(Available, IsComplete) {
  for (const Kernels& kernels : available()) {
    SCOPED_TRACE(kernels.isa);
    EXPECT_GT(kernels.bit_tile, 0);
    EXPECT_GT(kernels.byte_tile, 0);
    EXPECT_GT(kernels.float_tile, 0);
    EXPECT_NE(kernels.bit_serial, nullptr);
    EXPECT_NE(kernels.byte, nullptr);
    EXPECT_NE(kernels.real, nullptr);
    EXPECT_NE(kernels.threshold_i16, nullptr);
    EXPECT_NE(kernels.threshold_i32, nullptr);
    EXPECT_NE(kernels.finish_i16, nullptr);
    EXPECT_NE(kernels.finish_i32, nullptr);
    EXPECT_NE(kernels.finish_f32, nullptr);
    EXPECT_NE(kernels.max, nullptr);
    EXPECT_NE(kernels.max_sum, nullptr);
    EXPECT_NE(kernels.mean, nullptr);
  }
}

TEST(Choose, TakesANameAlsoAgainstTheEnvironment) {
  const Environment environment("scalar");
  for (const Kernels& kernels : available()) EXPECT_EQ(&choose(kernels.isa), &kernels);
}

TEST(Choose, WithoutANameTakesTheEnvironmentOrTheBest) {
  {
    const Environment environment("scalar");
    EXPECT_STREQ(choose("").isa, "scalar");
  }
  for (const char* const empty : {"", static_cast<const char*>(nullptr)}) {
    const Environment environment(empty);
    EXPECT_EQ(&choose(""), &available().front());
  }
}

TEST(Choose, RefusesWhatIsNotThere) {
  std::string names;
  for (const Kernels& kernels : available())
    names += (names.empty() ? "" : ", ") + std::string(kernels.isa);
  const std::string expected = "expected one of " + names + " on this machine, found ";
  EXPECT_EQ(refusal("mmx"), "isa: " + expected + "\"mmx\"");
  EXPECT_EQ(refusal("Scalar"), "isa: " + expected + "\"Scalar\"");
  const Environment environment("sse9");
  EXPECT_EQ(refusal(""), "EDGEBIN_ISA: " + expected + "\"sse9\"");
}

}  // namespace
}  // namespace edgebin::kernels
