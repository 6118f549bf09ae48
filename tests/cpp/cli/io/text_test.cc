// Text for a terminal: escapes of control characters and invalid UTF-8, lengths, sizes with units.
#include "cli/io/text.h"

#include <gtest/gtest.h>

namespace edgebin::cli {
namespace {

TEST(Plain, LeavesWhatCanBeShown) {
  EXPECT_EQ(plain("a \u00e9 \u9b5a \U0001f600 ~"), "a \u00e9 \u9b5a \U0001f600 ~");
}

TEST(Plain, EscapesWhatSteersATerminal) {
  EXPECT_EQ(plain("\x1b[2J\n\x7f"), R"(\x1b[2J\x0a\x7f)");
  EXPECT_EQ(plain("\u009b\u202e\u2028\ufeff"), R"(\x9b\u202e\u2028\ufeff)");
}

// Overlong, surrogate, beyond Unicode, cut short, a continuation alone.
TEST(Plain, EscapesWhatIsNoUtf8) {
  EXPECT_EQ(plain("\xc0\xaf"), R"(\xc0\xaf)");
  EXPECT_EQ(plain("\xe0\x80\xaf"), R"(\xe0\x80\xaf)");
  EXPECT_EQ(plain("\xed\xa0\x80"), R"(\xed\xa0\x80)");
  EXPECT_EQ(plain("\xf4\x90\x80\x80"), R"(\xf4\x90\x80\x80)");
  EXPECT_EQ(plain("\xe2\x82"), R"(\xe2\x82)");
  EXPECT_EQ(plain("\x80"), R"(\x80)");
}

TEST(Length, CountsCharacters) { EXPECT_EQ(length("a\u00e9\u9b5a"), 3u); }

TEST(Size, HasTheUnitsOfThePackage) {
  EXPECT_EQ(size(999), "999 B");
  EXPECT_EQ(size(47040), "47.0 kB");
  EXPECT_EQ(size(1980000), "1.98 MB");
}

TEST(Counted, HasOneOrSeveral) {
  EXPECT_EQ(counted(1, "way"), "1 way");
  EXPECT_EQ(counted(0, "way"), "0 ways");
  EXPECT_EQ(counted(15, "way"), "15 ways");
}

}  // namespace
}  // namespace edgebin::cli
