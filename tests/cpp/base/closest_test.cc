#include "base/closest.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace edgebin {
namespace {

constexpr std::array<std::string_view, 4> kWords = {"avx512", "avx_vnni", "avx2", "scalar"};

TEST(Closest, FindsWhatWasMeant) {
  EXPECT_EQ(closest("avx51", kWords), "avx512");
  EXPECT_EQ(closest("avx-vnni", kWords), "avx_vnni");
  EXPECT_EQ(closest("Scalar", kWords), "scalar");
  EXPECT_EQ(closest("sclaar", kWords), "scalar");
  EXPECT_EQ(closest("avx3", kWords), "avx2");
}

TEST(Closest, FindsNothingAmongOtherWords) {
  for (const std::string_view word : {"", "m68k", "neon", "sse9", "a", "avxavxavx"})
    EXPECT_EQ(closest(word, kWords), "") << word;
  EXPECT_EQ(closest("avx2", {}), "");
}

TEST(Closest, LongWordsAreCompared) {
  const std::string longest(32, 'x'), longer(33, 'x');
  const std::array<std::string_view, 2> known = {longer, longest};
  EXPECT_EQ(closest(longest, known), longest);
  EXPECT_EQ(closest(longer, known), "");
}

}  // namespace
}  // namespace edgebin
