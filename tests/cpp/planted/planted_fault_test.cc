// A kernel of one instruction set is wrong at few pixels (kernels/planted_fault.h): verifying the
// shipped model names it, and every other way to run the model stays bit-exact.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "edgebin/model.h"

namespace edgebin {
namespace {

constexpr char kPlanted[] = EDGEBIN_PLANTED_FAULT;

std::optional<Difference> verify(const Combination& way) {
  return Model(EDGEBIN_SHIPPED, {way.isa, way.threads, false, way.conv_algo}).verify();
}

TEST(PlantedFault, IsOfThisMachine) {
  const std::vector<std::string> known = isas();
  ASSERT_NE(std::ranges::find(known, kPlanted), known.end());
}

TEST(PlantedFault, IsFoundAndNamed) {
  std::set<std::string> layers;
  for (const Combination& way : combinations(kPlanted)) {
    if (way.conv_algo != "bit_serial") continue;
    const std::optional<Difference> found = verify(way);
    ASSERT_TRUE(found.has_value()) << way.threads;
    EXPECT_EQ(found->kernel, "bit_serial");
    EXPECT_EQ(found->isa, kPlanted);
    EXPECT_EQ(found->threads, way.threads);
    EXPECT_EQ(found->ops.rfind("conv", 0), 0u) << found->ops;
    EXPECT_NE(found->expected, found->found);
    EXPECT_NE(describe(*found).find(found->layer), std::string::npos);
    layers.insert(found->layer);
  }
  EXPECT_EQ(layers.size(), 1u);  // the same on every number of threads
}

TEST(PlantedFault, IsNotFoundElsewhere) {
  for (const Combination& way : combinations()) {
    if (way.isa == kPlanted) continue;
    const std::optional<Difference> found = verify(way);
    EXPECT_FALSE(found.has_value()) << describe(*found);
  }
}

}  // namespace
}  // namespace edgebin
