// The choice between matrix_tiles, lookup and bit_serial: by argument, environment variable, name
// of the core, or trial.
#include "kernels/conv_algo.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "base/error.h"
#include "kernels/cpu.h"
#include "kernels/environment.h"
#include "kernels/operands.h"

namespace edgebin::kernels {
namespace {

constexpr const char* kVariable = "EDGEBIN_CONV_ALGO";
constexpr const char* kOldVariable = "EDGEBIN_PRODUCT";

class ConvAlgoChoice : public IsaTest {
 protected:
  bool looks_up() const { return kernels().lookup_count > 0; }
  bool has_tiles() const { return kernels().matrix_tiles.name != nullptr; }
  const char* choices() const {
    if (has_tiles()) return "matrix_tiles, lookup or bit_serial";
    return looks_up() ? "lookup or bit_serial" : "bit_serial";
  }

  std::string refusal() const {
    try {
      choose_conv_algo(kernels());
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kOption);
      return error.what();
    }
    return "accepted";
  }
};

TEST_P(ConvAlgoChoice, TakesTheEnvironment) {
  {
    const Environment environment(kVariable, "bit_serial");
    EXPECT_EQ(choose_conv_algo(kernels()), ConvAlgo::kBitSerial);
  }
  const Environment environment(kVariable, "lookup");
  if (looks_up()) {
    EXPECT_EQ(choose_conv_algo(kernels()), ConvAlgo::kLookup);
  } else {
    EXPECT_EQ(refusal(), std::string("EDGEBIN_CONV_ALGO: expected bit_serial with ") +
                             kernels().isa + ", found \"lookup\"");
  }
}

TEST_P(ConvAlgoChoice, RefusesWhatIsNeither) {
  const std::string expected = std::string("EDGEBIN_CONV_ALGO: expected ") + choices() + " with " +
                               kernels().isa + ", found ";
  for (const char* const wish : {"Lookup", "bit-serial", " ", "lookup,bit_serial"}) {
    const Environment environment(kVariable, wish);
    EXPECT_EQ(refusal(), expected + '"' + wish + '"');
  }
}

TEST_P(ConvAlgoChoice, TakesTheOldVariableWhereTheNewOneIsUnset) {
  const Environment old(kOldVariable, "bit_serial");
  for (const char* const empty : {"", static_cast<const char*>(nullptr)}) {
    const Environment environment(kVariable, empty);
    EXPECT_EQ(choose_conv_algo(kernels()), ConvAlgo::kBitSerial);
    EXPECT_TRUE(reads_old_variable());
  }
  const Environment environment(kVariable, "neither");
  EXPECT_FALSE(reads_old_variable());
  EXPECT_EQ(refusal().rfind("EDGEBIN_CONV_ALGO: expected ", 0), 0u) << refusal();
}

TEST_P(ConvAlgoChoice, NamesTheOldVariableInItsErrors) {
  const Environment environment(kVariable, nullptr);
  const Environment old(kOldVariable, "neither");
  EXPECT_EQ(refusal().rfind("EDGEBIN_PRODUCT: expected ", 0), 0u) << refusal();
}

TEST_P(ConvAlgoChoice, AnArgumentGoesBeforeTheEnvironment) {
  const Environment environment(kVariable, "nothing");
  EXPECT_EQ(choose_conv_algo(kernels(), "bit_serial"), ConvAlgo::kBitSerial);
  if (looks_up()) {
    EXPECT_EQ(choose_conv_algo(kernels(), "lookup"), ConvAlgo::kLookup);
  }
  if (has_tiles()) {
    EXPECT_EQ(choose_conv_algo(kernels(), "matrix_tiles"), ConvAlgo::kMatrixTiles);
  }
  try {
    choose_conv_algo(kernels(), "both");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).rfind("conv_algo: expected ", 0), 0u) << error.what();
  }
}

// The known algorithm of the core, or the same measured one each time.
TEST_P(ConvAlgoChoice, WithoutTheVariableSuitsTheCore) {
  const Cpu cpu = detect_cpu();
  const Environment old(kOldVariable, nullptr);
  EXPECT_FALSE(reads_old_variable());
  for (const char* const empty : {"", static_cast<const char*>(nullptr)}) {
    const Environment environment(kVariable, empty);
    const ConvAlgo found = choose_conv_algo(kernels());
    if (has_tiles()) {
      EXPECT_EQ(found, ConvAlgo::kMatrixTiles);
    } else if (!looks_up()) {
      EXPECT_EQ(found, ConvAlgo::kBitSerial);
    } else {
      EXPECT_EQ(found, known_conv_algo(cpu).value_or(choose_conv_algo(kernels())));
    }
  }
}

// Either may be faster on this machine; under a sanitizer this also shows that the operands of the
// trial have the sizes that the kernels expect.
TEST_P(ConvAlgoChoice, TriesBoth) {
  if (!looks_up()) GTEST_SKIP() << kernels().isa << " has no lookups";
  const ConvAlgo found = measured_conv_algo(kernels());
  EXPECT_TRUE(found == ConvAlgo::kLookup || found == ConvAlgo::kBitSerial);
}

TEST(KnownConvAlgo, IsOfCoresWithAName) {
  EXPECT_EQ(known_conv_algo({}), ConvAlgo::kLookup);  // x86
  for (const char* const name : {"cortex-a53", "cortex-a57", "cortex-a72", "cortex-a76"}) {
    EXPECT_EQ(known_conv_algo({.neon = true, .name = name}), ConvAlgo::kLookup) << name;
  }
  EXPECT_EQ(known_conv_algo({.neon = true}), std::nullopt);
  EXPECT_EQ(known_conv_algo({.neon = true, .name = "cortex-a55"}), std::nullopt);
}

TEST(ConvAlgoName, IsWhatTheEnvironmentTakes) {
  EXPECT_EQ(name_of(ConvAlgo::kMatrixTiles), "matrix_tiles");
  EXPECT_EQ(name_of(ConvAlgo::kLookup), "lookup");
  EXPECT_EQ(name_of(ConvAlgo::kBitSerial), "bit_serial");
}

EDGEBIN_FOR_EVERY_ISA(ConvAlgoChoice);

}  // namespace
}  // namespace edgebin::kernels
