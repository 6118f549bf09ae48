// Properties of any resampling. tests/program compares the pixels with Pillow.
#include "cli/image/resample.h"

#include <gtest/gtest.h>

#include <random>

#include "cli/image/resample_weights.h"

namespace edgebin::cli {
namespace {

constexpr std::array<std::string_view, 4> kFilters = {"nearest", "bilinear", "bicubic", "lanczos"};

Image noise(int width, int height, int channels) {
  Image image{width, height, channels, {}};
  std::mt19937 random(1);
  image.pixels.resize(static_cast<std::size_t>(width * height * channels));
  for (std::uint8_t& pixel : image.pixels) pixel = static_cast<std::uint8_t>(random());
  return image;
}

TEST(Resample, TheSameSizeIsACopy) {
  const Image image = noise(7, 5, 3);
  for (const auto filter : kFilters) {
    EXPECT_EQ(resize(image, 7, 5, filter, {0, 0, 7, 5}).pixels, image.pixels) << filter;
  }
}

TEST(Resample, APlainImageStaysPlain) {
  Image image{13, 40, 1, std::vector<std::uint8_t>(13 * 40, 201)};
  for (const auto filter : kFilters) {
    const Image found = resize(image, 50, 6, filter, {0, 0, 50, 6});
    EXPECT_EQ(found.pixels, std::vector<std::uint8_t>(50 * 6, 201)) << filter;
  }
}

TEST(Resample, WeightsAddUpToOne) {
  for (const auto filter : {"bilinear", "bicubic", "lanczos"}) {
    for (const Weights& kernel : weights_of(1000, 37, filter, 0, 37)) {
      std::int64_t sum = 0;
      for (const std::int32_t weight : kernel.values) sum += weight;
      EXPECT_NEAR(static_cast<double>(sum), 1 << kWeightBits,
                  static_cast<double>(kernel.values.size()));
      EXPECT_GE(kernel.first, 0);
      EXPECT_LE(kernel.first + static_cast<int>(kernel.values.size()), 1000);
    }
  }
}

// Any region is that part of the whole, and black outside it.
TEST(Resample, RegionsArePartsOfTheWhole) {
  const Image image = noise(23, 61, 3);
  for (const auto filter : kFilters) {
    for (const auto& [width, height] : {std::pair{31, 17}, std::pair{9, 80}, std::pair{23, 61}}) {
      const Image whole = resize(image, width, height, filter, {0, 0, width, height});
      for (const Region& region : {Region{-3, -2, width + 5, 7}, Region{4, 5, 3, 40},
                                   Region{width, 0, 4, 4}, Region{-9, -9, 4, 4}}) {
        const Image part = resize(image, width, height, filter, region);
        for (int y = 0; y < region.height; ++y) {
          for (int x = 0; x < region.width; ++x) {
            const int from_x = region.left + x;
            const int from_y = region.top + y;
            const bool inside = from_x >= 0 && from_x < width && from_y >= 0 && from_y < height;
            const int expected =
                inside ? whole.pixels[static_cast<std::size_t>((from_y * width + from_x) * 3)] : 0;
            ASSERT_EQ(part.pixels[static_cast<std::size_t>((y * region.width + x) * 3)], expected)
                << filter << ' ' << x << ' ' << y;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace edgebin::cli
