// Pillow's Image.resize on 8-bit pictures, bit for bit: what a network was trained on was resized
// by it. Only the part that is asked for is computed.
#ifndef EDGEBIN_CLI_IMAGE_RESAMPLE_H_
#define EDGEBIN_CLI_IMAGE_RESAMPLE_H_

#include <string_view>

#include "cli/image/image.h"

namespace edgebin::cli {

// Of a picture; parts of it may lie outside.
struct Region {
  int left = 0;
  int top = 0;
  int width = 0;
  int height = 0;
};

// `picture` resized to width x height, and of that the region, black where it lies outside.
// `filter`: "nearest", "bilinear", "bicubic" or "lanczos". Sides are positive.
Picture resize(const Picture& picture, int width, int height, std::string_view filter,
               const Region& region);

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_IMAGE_RESAMPLE_H_
