// Texts of errors: how parts are joined, and how names from a file are quoted and cut.
#include "base/error.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace edgebin {
namespace {

// Qualified: std::string would also find std::quoted, from a header of GoogleTest.
TEST(Message, JoinsTextAndIntegers) {
  const std::string name = "layer3.0";
  EXPECT_EQ(
      message("conv ", edgebin::quoted(name), ": weights have ", 64, " channels, input has ", 32u),
      "conv \"layer3.0\": weights have 64 channels, input has 32");
  EXPECT_EQ(message(std::numeric_limits<std::int64_t>::min(), ',',
                    std::numeric_limits<std::uint64_t>::max()),
            "-9223372036854775808,18446744073709551615");
  EXPECT_EQ(message(std::uint8_t{7}), "7");
}

TEST(Quoted, EscapesWhatWouldBreakTheLine) {
  EXPECT_EQ(quoted("a\nb"), "\"a\\x0ab\"");
  EXPECT_EQ(quoted("say \"hi\"\\"), "\"say \\\"hi\\\"\\\\\"");
  EXPECT_EQ(quoted(std::string_view("\0\x1b\x7f", 3)), "\"\\x00\\x1b\\x7f\"");
  EXPECT_EQ(quoted("caf\xc3\xa9"), "\"caf\xc3\xa9\"");
}

TEST(Quoted, CutsLongNamesBetweenCharacters) {
  EXPECT_EQ(edgebin::quoted(std::string(120, 'x')), "\"" + std::string(120, 'x') + "\"");
  EXPECT_EQ(edgebin::quoted(std::string(121, 'x')), "\"" + std::string(120, 'x') + "...\"");
  const std::string split = std::string(119, 'x') + "\xc3\xa9" + "tail";
  EXPECT_EQ(edgebin::quoted(split), "\"" + std::string(119, 'x') + "...\"");
}

TEST(Error, CutsTheMiddleOfLongMessagesBetweenCharacters) {
  const std::string head(340, 'h');
  const std::string tail(160, 't');
  EXPECT_EQ(Error(ErrorKind::kInput, head + tail).what(), head + tail);
  const Error error(ErrorKind::kInput, head + std::string(1000, 'x') + tail);
  EXPECT_EQ(error.what(), head.substr(0, 335) + " ... " + tail);
  // The cuts would fall into the middle of these characters.
  const std::string accents = std::string(334, 'h') + "\xc3\xa9" + std::string(400, 'x') +
                              "\xc3\xa9" + std::string(159, 't');
  EXPECT_EQ(Error(ErrorKind::kInput, accents).what(),
            std::string(334, 'h') + " ... " + std::string(159, 't'));
}

TEST(Error, CarriesKindAndMessage) {
  const Error error(ErrorKind::kInput, "image: expected 3 channels, found 4");
  EXPECT_EQ(error.kind(), ErrorKind::kInput);
  EXPECT_STREQ(error.what(), "image: expected 3 channels, found 4");
}

}  // namespace
}  // namespace edgebin
