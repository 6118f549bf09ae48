// A decoded image.
#ifndef EDGEBIN_CLI_IMAGE_IMAGE_H_
#define EDGEBIN_CLI_IMAGE_IMAGE_H_

#include <cstdint>
#include <vector>

#include "base/error.h"

namespace edgebin::cli {

// 8-bit pixels, row by row from the top, channels innermost: grey or red, green, blue.
struct Image {
  int width = 0;
  int height = 0;
  int channels = 0;
  std::vector<std::uint8_t> pixels;
};

// The limits of edgebin.runtime.preprocess, so that the Python package and this program accept the
// same images. Resizing a side needs up to 24 bytes of weights for each of its pixels.
inline constexpr std::uint64_t kMaxPixels = 89478485;
inline constexpr std::uint64_t kMaxSide = 65535;

// Throws Error(kInput) unless there are 1 to kMaxPixels pixels. Sides are below 2^34.
inline void check_size(std::uint64_t width, std::uint64_t height) {
  const bool empty = width == 0 || height == 0;
  if (!empty && height <= kMaxPixels / width) return;
  throw Error(
      ErrorKind::kInput,
      message("expected at ", empty ? "least one pixel" : message("most ", kMaxPixels, " pixels"),
              ", found ", width, 'x', height));
}

// Throws Error(kInput) if a side is longer than kMaxSide. For images that are read.
inline void check_sides(std::uint64_t width, std::uint64_t height) {
  if (width <= kMaxSide && height <= kMaxSide) return;
  throw Error(ErrorKind::kInput, message("expected sides of at most ", kMaxSide, " pixels, found ",
                                         width, 'x', height));
}

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_IMAGE_IMAGE_H_
