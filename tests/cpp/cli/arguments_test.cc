#include "cli/arguments.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace edgebin::cli {
namespace {

Arguments parsed(std::vector<std::string_view> words) { return parse(words); }

TEST(Arguments, OptionsStandAnywhere) {
  const Arguments found = parsed({"--top", "3", "m.ebn", "--threads=2", "a", "--json", "b"});
  EXPECT_EQ(found.command, Command::kClassify);
  EXPECT_EQ(found.model, "m.ebn");
  EXPECT_EQ(found.pictures, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(found.top, 3);
  EXPECT_EQ(found.threads, 2);
  EXPECT_TRUE(found.json);
}

TEST(Arguments, BehindTwoDashesAllAreFiles) {
  const Arguments found = parsed({"m.ebn", "--", "--json", "-"});
  EXPECT_EQ(found.pictures, (std::vector<std::string>{"--json", "-"}));
  EXPECT_FALSE(found.json);
}

TEST(Arguments, HelpWinsOverAll) {
  EXPECT_EQ(parsed({"--bench", "--help", "--version"}).command, Command::kHelp);
  EXPECT_EQ(parsed({"--version", "--bench"}).command, Command::kVersion);
  EXPECT_EQ(parsed({"--bench", "m.ebn"}).command, Command::kBench);
}

TEST(Arguments, VerificationTakesEveryNumberOfThreadsUnlessOneIsNamed) {
  EXPECT_EQ(parsed({"--verify", "m.ebn"}).threads, 0);
  EXPECT_EQ(parsed({"--verify", "m.ebn", "--threads", "3"}).threads, 3);
  EXPECT_EQ(parsed({"--verify", "m.ebn", "--threads=1"}).threads, 1);
  EXPECT_EQ(parsed({"--info", "m.ebn"}).threads, 1);
  EXPECT_THROW(parsed({"--verify", "m.ebn", "picture.ppm"}), Error);
}

TEST(Arguments, RefusesWhatItDoesNotKnow) {
  EXPECT_THROW(parsed({}), Error);
  EXPECT_THROW(parsed({"m.ebn"}), Error);
  EXPECT_THROW(parsed({"m.ebn", "a", "--runs", "3"}), Error);
  EXPECT_THROW(parsed({"--bench", "m.ebn", "a"}), Error);
  EXPECT_THROW(parsed({"m.ebn", "a", "--nothing"}), Error);
  EXPECT_THROW(parsed({"m.ebn", "a", "--top", "99999999999"}), Error);
  EXPECT_THROW(parsed({"m.ebn", "a", "--top", ""}), Error);
  EXPECT_THROW(parsed({"m.ebn", "a", "--isa"}), Error);
}

// Each option of the parser is in the help, and the other way round.
TEST(Arguments, HelpNamesEveryOption) {
  for (const std::string_view name :
       {"--threads", "--isa", "--json", "--top", "--raw", "--output", "--runs", "--warmup",
        "--batch", "--pin", "--bench", "--info", "--verify", "--version", "--help"}) {
    EXPECT_NE(help().find(name), std::string_view::npos) << name;
  }
}

}  // namespace
}  // namespace edgebin::cli
