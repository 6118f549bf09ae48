// Equality with Pillow is held in tests/program; here is what holds for any resampling.
#include "cli/image/resample.h"

#include <gtest/gtest.h>

#include <random>

#include "cli/image/resample_weights.h"

namespace edgebin::cli {
namespace {

constexpr std::array<std::string_view, 4> kFilters = {"nearest", "bilinear", "bicubic", "lanczos"};

Picture noise(int width, int height, int channels) {
  Picture picture{width, height, channels, {}};
  std::mt19937 random(1);
  picture.pixels.resize(static_cast<std::size_t>(width * height * channels));
  for (std::uint8_t& pixel : picture.pixels) pixel = static_cast<std::uint8_t>(random());
  return picture;
}

TEST(Resample, TheSameSizeIsACopy) {
  const Picture picture = noise(7, 5, 3);
  for (const auto filter : kFilters) {
    EXPECT_EQ(resize(picture, 7, 5, filter, {0, 0, 7, 5}).pixels, picture.pixels) << filter;
  }
}

TEST(Resample, APlainPictureStaysPlain) {
  Picture picture{13, 40, 1, std::vector<std::uint8_t>(13 * 40, 201)};
  for (const auto filter : kFilters) {
    const Picture found = resize(picture, 50, 6, filter, {0, 0, 50, 6});
    EXPECT_EQ(found.pixels, std::vector<std::uint8_t>(50 * 6, 201)) << filter;
  }
}

TEST(Resample, WeightsAddUpToOne) {
  for (const auto filter : {"bilinear", "bicubic", "lanczos"}) {
    for (const Seen& seen : weights_of(1000, 37, filter, 0, 37)) {
      std::int64_t sum = 0;
      for (const std::int32_t weight : seen.weights) sum += weight;
      EXPECT_NEAR(static_cast<double>(sum), 1 << kWeightBits,
                  static_cast<double>(seen.weights.size()));
      EXPECT_GE(seen.first, 0);
      EXPECT_LE(seen.first + static_cast<int>(seen.weights.size()), 1000);
    }
  }
}

// Any region is that part of the whole, and black outside it.
TEST(Resample, RegionsArePartsOfTheWhole) {
  const Picture picture = noise(23, 61, 3);
  for (const auto filter : kFilters) {
    for (const auto& [width, height] : {std::pair{31, 17}, std::pair{9, 80}, std::pair{23, 61}}) {
      const Picture whole = resize(picture, width, height, filter, {0, 0, width, height});
      for (const Region& region : {Region{-3, -2, width + 5, 7}, Region{4, 5, 3, 40},
                                   Region{width, 0, 4, 4}, Region{-9, -9, 4, 4}}) {
        const Picture part = resize(picture, width, height, filter, region);
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
