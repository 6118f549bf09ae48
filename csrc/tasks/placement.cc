#include "tasks/placement.h"

#include <algorithm>

namespace edgebin::tasks {
namespace {

// The start of a centred crop of `wanted` pixels out of `found`, rounded half to even. Negative
// where black is added.
std::int64_t crop(std::uint64_t found, int wanted) {
  const std::int64_t twice = static_cast<std::int64_t>(found) - wanted;
  if (twice < 0) return -(-twice / 2);
  return twice / 2 + (twice % 4 == 3 ? 1 : 0);
}

// The length of a side when the shortest side is resized to `resize`.
std::uint64_t resized(std::uint32_t resize, int side, int shortest) {
  return std::uint64_t{resize} * static_cast<std::uint64_t>(side) /
         static_cast<std::uint64_t>(shortest);
}

// The side of a letterboxed image along which it does not fill its box: side x scale, where scale
// is box / other, rounded.
std::uint64_t letterboxed(int side, int box, int other) {
  const std::uint64_t twice =
      std::uint64_t{2} * static_cast<std::uint64_t>(side) * static_cast<std::uint64_t>(box);
  const auto divisor = static_cast<std::uint64_t>(other);
  return std::max<std::uint64_t>(1, (twice + divisor) / (2 * divisor));
}

Placement letterbox(const ValueInfo& input, int width, int height) {
  auto w = static_cast<std::uint64_t>(input.width);
  auto h = static_cast<std::uint64_t>(input.height);
  if (std::int64_t{width} * input.height >= std::int64_t{height} * input.width) {
    h = letterboxed(height, input.width, width);
  } else {
    w = letterboxed(width, input.height, height);
  }
  return {w, h, -((input.width - static_cast<std::int64_t>(w)) / 2),
          -((input.height - static_cast<std::int64_t>(h)) / 2)};
}

float to_side(float edge, std::int64_t start, std::uint64_t resized, int side) {
  const double scale = static_cast<double>(side) / static_cast<double>(resized);
  const double moved = (static_cast<double>(edge) + static_cast<double>(start)) * scale;
  return static_cast<float>(std::clamp(moved, 0.0, static_cast<double>(side)));
}

}  // namespace

Placement place(const ModelInfo& model, int width, int height) {
  const ValueInfo& input = model.input;
  if (model.letterbox) return letterbox(input, width, height);
  if (model.resize == 0) {
    return {static_cast<std::uint64_t>(input.width), static_cast<std::uint64_t>(input.height), 0,
            0};
  }
  const int shortest = std::min(width, height);
  const std::uint64_t w = resized(model.resize, width, shortest);
  const std::uint64_t h = resized(model.resize, height, shortest);
  return {w, h, crop(w, input.width), crop(h, input.height)};
}

Box to_image(const Box& box, const Placement& placement, int width, int height) {
  return {to_side(box.left, placement.left, placement.width, width),
          to_side(box.top, placement.top, placement.height, height),
          to_side(box.right, placement.left, placement.width, width),
          to_side(box.bottom, placement.top, placement.height, height)};
}

}  // namespace edgebin::tasks
