#include "runtime/fingerprint/probe_image.h"

#include <algorithm>
#include <cstring>

namespace edgebin {
namespace {

// The grid has one point every kCell pixels; kCell x kCell is 2^kCellBits.
constexpr int kCell = 8;
constexpr int kCellBits = 6;

// A bijective hash of 32-bit numbers in which each bit of x affects every bit of the result.
constexpr std::uint32_t mixed(std::uint32_t x) {
  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= x >> 15;
  x *= 0x846ca68bu;
  return x ^ x >> 16;
}

class Painter {
 public:
  Painter(std::uint32_t seed, const Shape& shape)
      : seed_(seed),
        width_(static_cast<std::uint32_t>(shape.w)),
        channels_(static_cast<std::uint32_t>(shape.c)),
        points_(width_ / kCell + 2) {}

  std::uint8_t pixel(std::uint32_t y, std::uint32_t x, std::uint32_t c) const {
    const int value = smooth(y, x, c) + noise((y * width_ + x) * channels_ + c);
    return static_cast<std::uint8_t>(std::clamp(value, 0, 255));
  }

 private:
  std::uint32_t draw(std::uint32_t index) const { return mixed(seed_ + mixed(index)); }

  // -128 to 383, so that parts of the image saturate to black and to white.
  int point(std::uint32_t row, std::uint32_t column, std::uint32_t c) const {
    return static_cast<int>(draw((row * points_ + column) * channels_ + c) >> 23) - 128;
  }

  // -32 to 31.
  int noise(std::uint32_t index) const {
    return static_cast<int>(draw(0x80000000u + index) >> 26) - 32;
  }

  // Bilinear interpolation between the four grid points around, rounded to nearest, halves up.
  int smooth(std::uint32_t y, std::uint32_t x, std::uint32_t c) const {
    const std::uint32_t row = y / kCell;
    const std::uint32_t column = x / kCell;
    const int down = static_cast<int>(y % kCell);
    const int right = static_cast<int>(x % kCell);
    const int above = (kCell - right) * point(row, column, c) + right * point(row, column + 1, c);
    const int below =
        (kCell - right) * point(row + 1, column, c) + right * point(row + 1, column + 1, c);
    return ((kCell - down) * above + down * below + (1 << kCellBits) / 2) >> kCellBits;
  }

  std::uint32_t seed_;
  std::uint32_t width_;
  std::uint32_t channels_;
  std::uint32_t points_;  // in a row of the grid
};

}  // namespace

std::vector<std::uint8_t> probe_image(std::uint32_t seed, const Shape& shape) {
  const Painter painter(seed, shape);
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(shape.elements()));
  std::uint8_t* to = pixels.data();
  for (int y = 0; y < shape.h; ++y) {
    for (int x = 0; x < shape.w; ++x) {
      for (int c = 0; c < shape.c; ++c) *to++ = painter.pixel(y, x, c);
    }
  }
  return pixels;
}

std::uint32_t probe_seed(std::uint32_t seed, std::size_t input) {
  return input == 0 ? seed : mixed(seed + static_cast<std::uint32_t>(input));
}

std::vector<std::byte> probe_elements(std::span<const std::uint8_t> image, InputType type) {
  const std::size_t size = type == InputType::kF32 ? sizeof(float) : 1;
  std::vector<std::byte> elements(image.size() * size);
  for (std::size_t i = 0; i < image.size(); ++i) {
    const float value = static_cast<float>(image[i] - 128) / 64.0f;
    if (type == InputType::kF32) {
      std::memcpy(&elements[i * size], &value, sizeof value);
    } else {
      elements[i] = static_cast<std::byte>(image[i] ^ (type == InputType::kS8 ? 0x80 : 0));
    }
  }
  return elements;
}

}  // namespace edgebin
