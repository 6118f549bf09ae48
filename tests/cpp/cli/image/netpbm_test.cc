// Refusals and limits. tests/program compares the pixels with Pillow.
#include "cli/image/netpbm.h"

#include "cli/scratch_file.h"

namespace edgebin::cli {
namespace {

using namespace std::string_literals;

Image read(std::string_view bytes) {
  const ScratchFile file(bytes);
  InputFile input(file.path());
  EXPECT_TRUE(starts_netpbm(input));
  return read_netpbm(input);
}

std::string refusal(std::string_view bytes) {
  try {
    read(bytes);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kInput);
    return error.what();
  }
  return "read";
}

TEST(Netpbm, ReadsGreyAndColour) {
  const Image grey = read("P5 2 1 255\n\x01\xff"s);
  EXPECT_EQ(grey.channels, 1);
  EXPECT_EQ(grey.pixels, (std::vector<std::uint8_t>{1, 255}));
  const Image colour = read("P6\n1 2\n255\nabcdef");
  EXPECT_EQ(colour.width, 1);
  EXPECT_EQ(colour.height, 2);
  EXPECT_EQ(colour.pixels.size(), 6u);
}

TEST(Netpbm, BringsOtherRangesTo8Bits) {
  EXPECT_EQ(read("P5 3 1 2\n\0\1\2"s).pixels, (std::vector<std::uint8_t>{0, 128, 255}));
  EXPECT_EQ(read("P5 2 1 65535\n\x80\x00\xff\xff"s).pixels, (std::vector<std::uint8_t>{128, 255}));
}

TEST(Netpbm, RefusesSizesThatNoImageHas) {
  EXPECT_EQ(refusal("P6 4294967295 4294967295 255\n"),
            "expected at most 89478485 pixels, found 4294967295x4294967295");
  EXPECT_EQ(refusal("P6 9999999999 9999999999 255\n"),
            "expected at most 89478485 pixels, found 9999999999x9999999999");
  EXPECT_EQ(refusal("P6 0 3 255\n"), "expected at least one pixel, found 0x3");
  EXPECT_EQ(refusal("P6 99999999999 3 255\n"), "header: width has more than 10 digits");
}

TEST(Netpbm, RefusesLongSides) {
  EXPECT_EQ(refusal("P5 65536 1 255\n"), "expected sides of at most 65535 pixels, found 65536x1");
  EXPECT_EQ(refusal("P5 1 89478485 255\n"),
            "expected sides of at most 65535 pixels, found 1x89478485");
  EXPECT_EQ(read("P5 65535 1 255\n" + std::string(65535, 'x')).width, 65535);
}

TEST(Netpbm, RefusesEndlessHeaders) {
  EXPECT_EQ(refusal("P5 #" + std::string(70000, '#')), "header: has more than 65536 bytes");
  EXPECT_EQ(refusal("P5 1" + std::string(70000, ' ')), "header: has more than 65536 bytes");
  EXPECT_EQ(read("P5 1 1 255 #" + std::string(100, '#') + "\nx").width, 1);
}

TEST(Netpbm, RefusesWhatIsNotAHeader) {
  EXPECT_EQ(refusal("P6 4 \x1b[2J 255\n"), "header: height: expected digits, found \"\\x1b\"");
  EXPECT_EQ(refusal("P6 4 4 0\n"), "header: largest value: expected 1 to 65535, found 0");
  EXPECT_EQ(refusal("P6 4 4 65536\n"), "header: largest value: expected 1 to 65535, found 65536");
  EXPECT_EQ(refusal("P6 4"), "header: ends before the height");
  EXPECT_EQ(refusal("P6 #"), "header: ends before the width");
}

TEST(Netpbm, RefusesImagesThatAreShort) {
  EXPECT_EQ(refusal("P6 9000 9000 65535\nabc"), "expected 486000000 bytes of pixels, found 3");
}

}  // namespace
}  // namespace edgebin::cli
