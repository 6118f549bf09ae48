#include "kernels/product.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "base/error.h"
#include "kernels/cpu.h"
#include "kernels/environment.h"
#include "kernels/operands.h"

namespace edgebin::kernels {
namespace {

constexpr const char* kVariable = "EDGEBIN_PRODUCT";

class ProductChoice : public IsaTest {
 protected:
  bool looks_up() const { return kernels().lookup_count > 0; }

  std::string refusal() const {
    try {
      choose_product(kernels());
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kOption);
      return error.what();
    }
    return "accepted";
  }
};

TEST_P(ProductChoice, TakesTheEnvironment) {
  {
    const Environment environment(kVariable, "bit_serial");
    EXPECT_EQ(choose_product(kernels()), Product::kBitSerial);
  }
  const Environment environment(kVariable, "lookup");
  if (looks_up()) {
    EXPECT_EQ(choose_product(kernels()), Product::kLookup);
  } else {
    EXPECT_EQ(refusal(), std::string("EDGEBIN_PRODUCT: expected bit_serial with ") + kernels().isa +
                             ", found \"lookup\"");
  }
}

TEST_P(ProductChoice, RefusesWhatIsNeither) {
  const std::string expected = std::string("EDGEBIN_PRODUCT: expected ") +
                               (looks_up() ? "lookup or bit_serial" : "bit_serial") + " with " +
                               kernels().isa + ", found ";
  for (const char* const wish : {"Lookup", "bit-serial", " ", "lookup,bit_serial"}) {
    const Environment environment(kVariable, wish);
    EXPECT_EQ(refusal(), expected + '"' + wish + '"');
  }
}

TEST_P(ProductChoice, AnArgumentGoesBeforeTheEnvironment) {
  const Environment environment(kVariable, "nothing");
  EXPECT_EQ(choose_product(kernels(), "bit_serial"), Product::kBitSerial);
  if (looks_up()) {
    EXPECT_EQ(choose_product(kernels(), "lookup"), Product::kLookup);
  }
  try {
    choose_product(kernels(), "both");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).rfind("product: expected ", 0), 0u) << error.what();
  }
}

// What is known of the core, or the same answer each time.
TEST_P(ProductChoice, WithoutTheVariableSuitsTheCore) {
  const Cpu cpu = detect_cpu();
  for (const char* const empty : {"", static_cast<const char*>(nullptr)}) {
    const Environment environment(kVariable, empty);
    const Product found = choose_product(kernels());
    if (!looks_up()) {
      EXPECT_EQ(found, Product::kBitSerial);
    } else {
      EXPECT_EQ(found, known_product(cpu).value_or(choose_product(kernels())));
    }
  }
}

// Which one wins is the machine's affair; under a sanitizer this also shows that the trial's
// operands have the sizes that the kernels expect.
TEST_P(ProductChoice, TriesBoth) {
  if (!looks_up()) GTEST_SKIP() << kernels().isa << " has no lookups";
  const Product found = try_products(kernels());
  EXPECT_TRUE(found == Product::kLookup || found == Product::kBitSerial);
}

TEST(KnownProduct, IsOfCoresWithAName) {
  EXPECT_EQ(known_product({}), Product::kLookup);  // x86
  for (const char* const name : {"cortex-a53", "cortex-a57", "cortex-a72", "cortex-a76"}) {
    EXPECT_EQ(known_product({.neon = true, .name = name}), Product::kLookup) << name;
  }
  EXPECT_EQ(known_product({.neon = true}), std::nullopt);
  EXPECT_EQ(known_product({.neon = true, .name = "cortex-a55"}), std::nullopt);
}

TEST(ProductName, IsWhatTheEnvironmentTakes) {
  EXPECT_EQ(name_of(Product::kLookup), "lookup");
  EXPECT_EQ(name_of(Product::kBitSerial), "bit_serial");
}

EDGEBIN_FOR_EVERY_ISA(ProductChoice);

}  // namespace
}  // namespace edgebin::kernels
