// From an image to the input of a network: colours, crop, padding, raw tensors, and refusals.
#include "cli/image/prepare.h"

#include "cli/scratch_file.h"

namespace edgebin::cli {
namespace {

ModelInfo model(int height, int width, std::string_view colour, std::uint32_t resize = 0) {
  ModelInfo info;
  info.input.height = height;
  info.input.width = width;
  info.input.channels = colour == "grey" ? 1 : 3;
  info.input.dtype = "u8";
  info.mean = {0};
  info.colour = colour;
  info.filter = "nearest";
  info.resize = resize;
  return info;
}

using Bytes = std::vector<std::uint8_t>;

TEST(Prepare, GivesTheColoursOfTheNetwork) {
  const Image red{1, 1, 3, {200, 10, 1}};
  const Image grey{1, 1, 1, {7}};
  EXPECT_EQ(prepare(red, model(1, 1, "rgb")), (Bytes{200, 10, 1}));
  EXPECT_EQ(prepare(red, model(1, 1, "bgr")), (Bytes{1, 10, 200}));
  EXPECT_EQ(prepare(red, model(1, 1, "grey")), (Bytes{66}));
  EXPECT_EQ(prepare(grey, model(1, 1, "rgb")), (Bytes{7, 7, 7}));
}

// Of 5 columns 2 are wanted: (5 - 2) / 2 = 1.5 is rounded to 2; of 4 wanted, 0.5 to 0.
TEST(Prepare, CropsTheCentreHalfToEven) {
  const Image image{5, 1, 1, {0, 1, 2, 3, 4}};
  EXPECT_EQ(prepare(image, model(1, 2, "grey", 1)), (Bytes{2, 3}));
  EXPECT_EQ(prepare(image, model(1, 4, "grey", 1)), (Bytes{0, 1, 2, 3}));
  EXPECT_EQ(prepare(image, model(1, 8, "grey", 1)), (Bytes{0, 0, 1, 2, 3, 4, 0, 0}));
}

TEST(Prepare, BlackLiesAround) {
  const Image image{1, 1, 1, {9}};
  EXPECT_EQ(prepare(image, model(1, 4, "grey", 1)), (Bytes{0, 9, 0, 0}));
  EXPECT_EQ(prepare(image, model(3, 1, "grey", 1)), (Bytes{0, 9, 0}));
}

// 6 x 2 in 4 x 4: the width limits it, 2 x 4 / 6 is rounded to 1, and (4 - 1) div 2 is 1.
TEST(Prepare, LetterboxShowsTheWholeImage) {
  ModelInfo wide = model(4, 4, "grey");
  wide.letterbox = true;
  wide.fill = 77;
  const Image image{6, 2, 1, {9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9}};
  EXPECT_EQ(prepare(image, wide),
            (Bytes{77, 77, 77, 77, 9, 9, 9, 9, 77, 77, 77, 77, 77, 77, 77, 77}));
  ModelInfo tall = model(1, 3, "rgb");
  tall.letterbox = true;
  tall.fill = 5;
  EXPECT_EQ(prepare({1, 5000, 1, Bytes(5000, 8)}, tall), (Bytes{5, 5, 5, 8, 8, 8, 5, 5, 5}));
}

TEST(Prepare, RefusesImagesThatGrowTooLarge) {
  const Image image{1, 5000, 1, Bytes(5000)};
  EXPECT_THROW(prepare(image, model(8, 8, "grey", 1 << 24)), Error);
}

TEST(Prepare, RefusesNetworksThatTakeNoImages) {
  ModelInfo info = model(2, 2, "rgb");
  info.input.channels = 4;
  EXPECT_THROW(prepare({1, 1, 1, {9}}, info), Error);
  info = model(2, 2, "rgb");
  info.mean.clear();
  EXPECT_THROW(prepare({1, 1, 1, {9}}, info), Error);
}

TEST(Prepare, RawTensorsHaveTheBytesOfTheInputsType) {
  ModelInfo info = model(1, 1, "grey");
  info.input.dtype = "f32";
  const ScratchFile file("abcd");
  EXPECT_EQ(read_input(file.path(), info, false).elements, (Bytes{'a', 'b', 'c', 'd'}));
  info.input.dtype = "s8";
  EXPECT_THROW(read_input(file.path(), info, false), Error);
}

TEST(Prepare, RawTensorsAreTakenAsTheyAre) {
  const ScratchFile file("P5 1");
  EXPECT_EQ(read_input(file.path(), model(2, 2, "grey", 5), true).elements,
            (Bytes{'P', '5', ' ', '1'}));
  EXPECT_THROW(read_input(file.path(), model(2, 2, "grey", 5), false), Error);
  EXPECT_THROW(read_input(file.path(), model(1, 3, "grey"), true), Error);
  EXPECT_THROW(read_input(file.path(), model(1, 5, "grey"), true), Error);
}

TEST(Prepare, NamesWhatOnlyOthersRead) {
  const ScratchFile file("\xff\xd8\xff\xe0 and so on");
  try {
    read_input(file.path(), model(2, 2, "rgb"), false);
    ADD_FAILURE() << "read";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("is a JPEG image"), std::string::npos);
  }
}

}  // namespace
}  // namespace edgebin::cli
