// The command line of edgebin-run: what it is parsed into, what it is refused for, and that the
// help names every option.
#include "cli/arguments.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/error.h"

namespace edgebin::cli {
namespace {

Arguments parsed(std::vector<std::string_view> words) { return parse(words); }

TEST(Arguments, OptionsStandAnywhere) {
  const Arguments found = parsed({"--top", "3", "m.ebn", "--threads=2", "a", "--json", "b"});
  EXPECT_EQ(found.command, Command::kRun);
  EXPECT_EQ(found.model, "m.ebn");
  EXPECT_EQ(found.images, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(found.top, 3);
  EXPECT_EQ(found.threads, 2);
  EXPECT_TRUE(found.json);
}

TEST(Arguments, TheFirstWordMayNameTheCommand) {
  EXPECT_EQ(parsed({"run", "m.ebn", "a"}).command, Command::kRun);
  EXPECT_EQ(parsed({"inspect", "m.ebn"}).command, Command::kInspect);
  EXPECT_EQ(parsed({"--json", "bench", "m.ebn", "--runs", "3"}).command, Command::kBench);
  EXPECT_EQ(parsed({"verify", "m.ebn"}).command, Command::kVerify);
  const Arguments found = parsed({"run", "m.ebn", "run", "--top=2"});
  EXPECT_EQ(found.model, "m.ebn");
  EXPECT_EQ(found.images, std::vector<std::string>{"run"});
  EXPECT_TRUE(found.deprecations.empty());
}

TEST(Arguments, BenchMeasuresForATimeOrANumberOfCalls) {
  const Arguments usual = parsed({"bench", "m.ebn"});
  EXPECT_EQ(usual.runs, 0);
  EXPECT_EQ(usual.warmup, -1);
  EXPECT_EQ(usual.seconds, 1);
  EXPECT_FALSE(usual.profile);
  EXPECT_EQ(parsed({"bench", "m.ebn", "--seconds", "0.25"}).seconds, 0.25);
  EXPECT_EQ(parsed({"bench", "m.ebn", "--warmup", "0"}).warmup, 0);
  EXPECT_TRUE(parsed({"bench", "m.ebn", "--profile"}).profile);
  EXPECT_THROW(parsed({"bench", "m.ebn", "--runs", "3", "--seconds", "1"}), Error);
  for (const std::string_view seconds : {"", "0", "-1", "nan", "inf", "4000", "1x"}) {
    EXPECT_THROW(parsed({"bench", "m.ebn", "--seconds", seconds}), Error) << seconds;
  }
  EXPECT_THROW(parsed({"m.ebn", "a", "--seconds", "1"}), Error);
}

TEST(Arguments, WithoutACommandImagesAreClassified) {
  const Arguments found = parsed({"m.ebn", "bench"});
  EXPECT_EQ(found.command, Command::kRun);
  EXPECT_EQ(found.images, std::vector<std::string>{"bench"});
  EXPECT_TRUE(found.deprecations.empty());
}

TEST(Arguments, CommandsOfTheFirstReleaseAreDeprecated) {
  const struct {
    std::string_view old;
    std::string_view name;
    Command command;
  } cases[] = {{"--bench", "bench", Command::kBench},
               {"--info", "inspect", Command::kInspect},
               {"--verify", "verify", Command::kVerify}};
  for (const auto& [old, name, command] : cases) {
    const Arguments found = parsed({old, "m.ebn", "--threads", "2"});
    EXPECT_EQ(found.command, command);
    EXPECT_EQ(found.threads, 2);
    ASSERT_EQ(found.deprecations.size(), 1u);
    EXPECT_EQ(found.deprecations[0], std::string(old) + " is deprecated, use: edgebin-run " +
                                         std::string(name) + " MODEL.ebn");
  }
  EXPECT_THROW(parsed({"--bench", "--info", "m.ebn"}), Error);
}

TEST(Arguments, AfterTwoDashesAllWordsAreFiles) {
  const Arguments found = parsed({"m.ebn", "--", "--json", "-"});
  EXPECT_EQ(found.images, (std::vector<std::string>{"--json", "-"}));
  EXPECT_FALSE(found.json);
  EXPECT_EQ(parsed({"--", "run", "a"}).model, "run");
}

TEST(Arguments, HelpWinsOverAll) {
  EXPECT_EQ(parsed({"bench", "--help", "--version"}).command, Command::kHelp);
  EXPECT_EQ(parsed({"--bench", "--help"}).command, Command::kHelp);
  EXPECT_EQ(parsed({"--version", "--bench"}).command, Command::kVersion);
  EXPECT_EQ(parsed({"--version", "bench"}).command, Command::kVersion);
}

TEST(Arguments, VerificationTakesEveryNumberOfThreadsUnlessOneIsNamed) {
  EXPECT_EQ(parsed({"verify", "m.ebn"}).threads, 0);
  EXPECT_EQ(parsed({"verify", "m.ebn", "--threads", "3"}).threads, 3);
  EXPECT_EQ(parsed({"verify", "m.ebn", "--threads=1"}).threads, 1);
  EXPECT_EQ(parsed({"inspect", "m.ebn"}).threads, 1);
}

TEST(Arguments, TensorsStandForImages) {
  const Arguments found = parsed({"m.ebn", "--input", "a=x.npy", "--output", "y", "--input=b=c=d"});
  EXPECT_EQ(found.inputs, (std::vector<std::string>{"a=x.npy", "b=c=d"}));
  EXPECT_TRUE(found.images.empty());
  EXPECT_THROW(parsed({"m.ebn", "--input", "a=x"}), Error);
  EXPECT_THROW(parsed({"m.ebn", "--input", "x", "--output", "y"}), Error);
  EXPECT_THROW(parsed({"m.ebn", "image", "--input", "a=x", "--output", "y"}), Error);
  EXPECT_THROW(parsed({"inspect", "m.ebn", "--input", "a=x"}), Error);
}

TEST(Arguments, RefusesWhatItDoesNotKnow) {
  EXPECT_THROW(parsed({}), Error);
  EXPECT_THROW(parsed({"m.ebn"}), Error);
  EXPECT_THROW(parsed({"run"}), Error);
  EXPECT_THROW(parsed({"m.ebn", "a", "--runs", "3"}), Error);
  EXPECT_THROW(parsed({"bench", "m.ebn", "a"}), Error);
  EXPECT_THROW(parsed({"verify", "m.ebn", "image.ppm"}), Error);
  EXPECT_THROW(parsed({"m.ebn", "a", "--nothing"}), Error);
  EXPECT_THROW(parsed({"m.ebn", "a", "--top", "-99999999999"}), Error);
  EXPECT_THROW(parsed({"m.ebn", "a", "--top", "3x"}), Error);
  EXPECT_THROW(parsed({"m.ebn", "a", "--top", ""}), Error);
  EXPECT_THROW(parsed({"m.ebn", "a", "--isa"}), Error);
  EXPECT_THROW(parsed({"bench", "m.ebn", "--runs", "99999999999"}), Error);
}

TEST(Arguments, ANumberWithoutLimitMayBeLargerThanAnyInteger) {
  EXPECT_EQ(parsed({"m.ebn", "a", "--top", "99999999999"}).top, std::numeric_limits<int>::max());
}

// Every option of the parser is in the help.
TEST(Arguments, HelpNamesEveryCommandAndOption) {
  for (const std::string_view name :
       {"edgebin-run run", "edgebin-run inspect", "edgebin-run bench", "edgebin-run verify",
        "--threads", "--isa", "--json", "--top", "--raw", "--output", "--input", "--runs",
        "--warmup", "--seconds", "--profile", "--batch", "--pin", "--version", "--help"}) {
    EXPECT_NE(help().find(name), std::string_view::npos) << name;
  }
}

TEST(Arguments, HelpFits80Columns) {
  std::string_view text = help();
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    EXPECT_LE(end, 80u) << text.substr(0, end);
    text.remove_prefix(end + 1);
  }
}

}  // namespace
}  // namespace edgebin::cli
