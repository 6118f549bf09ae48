// Pillow's Image.resize on 8-bit images, bit for bit, because Pillow resized the images of
// training. Only the requested region is computed.
#ifndef EDGEBIN_CLI_IMAGE_RESAMPLE_H_
#define EDGEBIN_CLI_IMAGE_RESAMPLE_H_

#include <string_view>

#include "cli/image/image.h"

namespace edgebin::cli {

// A rectangle of an image, parts of which may lie outside.
struct Region {
  int left = 0;
  int top = 0;
  int width = 0;
  int height = 0;
};

// Returns a region of `image` resized to width x height, `fill` where the region lies outside.
// `filter` is "nearest", "bilinear", "bicubic" or "lanczos". Sides are positive.
Image resize(const Image& image, int width, int height, std::string_view filter,
             const Region& region, std::uint8_t fill = 0);

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_IMAGE_RESAMPLE_H_
