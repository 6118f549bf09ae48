// A decoded picture.
#ifndef EDGEBIN_CLI_IMAGE_IMAGE_H_
#define EDGEBIN_CLI_IMAGE_IMAGE_H_

#include <cstdint>
#include <vector>

#include "base/error.h"

namespace edgebin::cli {

// 8-bit pixels, row by row from the top, channels innermost: grey or red, green, blue.
struct Picture {
  int width = 0;
  int height = 0;
  int channels = 0;
  std::vector<std::uint8_t> pixels;
};

// As in edgebin.runtime.preprocess, so that the Python package and this program refuse the same.
// Resizing a side needs up to 24 bytes of weights for each of its pixels.
inline constexpr std::uint64_t kMostPixels = 89478485;
inline constexpr std::uint64_t kMostSide = 65535;

// Throws Error(kInput) unless there is a pixel and no more than the most. Sides are below 2^34.
inline void check_size(std::uint64_t width, std::uint64_t height) {
  const bool none = width == 0 || height == 0;
  if (!none && height <= kMostPixels / width) return;
  throw Error(ErrorKind::kInput,
              message("expected ", none ? "at least one pixel" : "at most ",
                      none ? "" : message(kMostPixels, " pixels"), ", found ", width, 'x', height));
}

// The same of a picture that is read: no side is longer than the longest.
inline void check_sides(std::uint64_t width, std::uint64_t height) {
  if (width <= kMostSide && height <= kMostSide) return;
  throw Error(ErrorKind::kInput, message("expected sides of at most ", kMostSide, " pixels, found ",
                                         width, 'x', height));
}

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_IMAGE_IMAGE_H_
