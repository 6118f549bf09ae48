#include "layers/contents.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace edgebin::layers {
namespace {

template <class T>
std::vector<std::byte> bytes_of(const std::vector<T>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  return {bytes.begin(), bytes.end()};
}

std::uint32_t row_of(const std::vector<std::uint32_t>& dims) {
  std::uint32_t row = 1;
  for (std::size_t i = 1; i < dims.size(); ++i) row *= dims[i];
  return row;
}

}  // namespace

Contents::Contents(std::uint64_t seed) : random_(seed), magnitude_(Magnitude::kPlain) {
  const int drawn = pick(0, 3);
  if (drawn == 1) magnitude_ = Magnitude::kExtreme;
  if (drawn == 2) magnitude_ = Magnitude::kWild;
}

int Contents::pick(int first, int last) {
  const auto choices = static_cast<std::uint64_t>(std::int64_t{last} - first + 1);
  return static_cast<int>(first + static_cast<std::int64_t>(random_() % choices));
}

int Contents::one_of(std::initializer_list<int> choices) {
  return choices.begin()[pick(0, static_cast<int>(choices.size()) - 1)];
}

float Contents::f32() {
  const auto mantissa = static_cast<float>(pick(-(1 << 24), 1 << 24));
  if (magnitude_ != Magnitude::kWild || !one_in(4)) return std::ldexp(mantissa, pick(-26, -22));
  constexpr std::array<float, 5> kEdges{0.0f, -0.0f, std::numeric_limits<float>::denorm_min(),
                                        -std::numeric_limits<float>::min(),
                                        std::numeric_limits<float>::max()};
  return kEdges[static_cast<std::size_t>(pick(0, 4))];
}

WrittenTensor Contents::weights(Type type, const std::vector<std::uint32_t>& dims) {
  const std::uint32_t row = row_of(dims);
  std::vector<std::uint8_t> bytes;
  std::vector<float> values;
  for (std::uint32_t n = 0; n < dims[0]; ++n) {
    const bool up = one_in(2);
    const bool uniform = magnitude_ == Magnitude::kExtreme && !one_in(4);
    if (type == Type::kBit) bytes.resize(bytes.size() + (row + 7) / 8);
    std::uint8_t* const bits =
        type == Type::kBit ? bytes.data() + bytes.size() - (row + 7) / 8 : nullptr;
    for (std::uint32_t k = 0; k < row; ++k) {
      const bool positive = uniform ? up : one_in(2);
      if (type == Type::kBit) {
        bits[k / 8] = static_cast<std::uint8_t>(bits[k / 8] | (positive ? 1u : 0u) << k % 8);
      } else if (type == Type::kS8) {
        const int value = uniform ? (up ? 127 : -128) : pick(-128, 127);
        bytes.push_back(static_cast<std::uint8_t>(value));
      } else {
        values.push_back(f32());
      }
    }
  }
  const auto number = static_cast<std::uint8_t>(type);
  return {number, dims, type == Type::kF32 ? bytes_of(values) : bytes_of(bytes)};
}

WrittenTensor Contents::f32s(std::uint32_t count) {
  std::vector<float> values(count);
  for (float& value : values) value = f32();
  return floats({count}, values);
}

WrittenTensor Contents::zeros_of_pixels(std::uint32_t channels) {
  std::vector<std::int32_t> values(channels);
  for (std::int32_t& value : values) {
    value = magnitude_ == Magnitude::kExtreme ? one_of({0, 1 << 24}) : pick(0, 1 << 24);
  }
  return {static_cast<std::uint8_t>(Type::kI32), {channels}, bytes_of(values)};
}

WrittenTensor Contents::channels(std::uint32_t channels) {
  const auto last = static_cast<int>(channels) - 1;
  std::vector<std::int32_t> values(static_cast<std::size_t>(pick(1, last + 4)));
  for (std::int32_t& value : values) value = pick(0, last);
  const auto count = static_cast<std::uint32_t>(values.size());
  return {static_cast<std::uint8_t>(Type::kI32), {count}, bytes_of(values)};
}

WrittenTensor Contents::signs(std::uint32_t channels) {
  std::vector<std::int8_t> values(channels);
  for (std::int8_t& value : values) value = one_in(2) ? 1 : -1;
  return {static_cast<std::uint8_t>(Type::kS8), {channels}, bytes_of(values)};
}

template <class T>
WrittenTensor Contents::threshold_rows(Type type, std::uint32_t channels, int reach) {
  using Limits = std::numeric_limits<T>;
  std::vector<T> values;
  for (std::uint32_t c = 0; c < channels; ++c) {
    std::array<T, 3> row{};
    for (T& value : row) {
      const int edge = pick(0, magnitude_ == Magnitude::kPlain ? 60 : 6);
      int near = pick(-reach, reach);
      if (edge == 3) near = one_of({-reach, reach});
      if (edge == 3) near += one_of({-1, 0, 1});
      value = static_cast<T>(std::clamp<double>(near, static_cast<double>(Limits::lowest()),
                                                static_cast<double>(Limits::max())));
      if (edge == 0) value = Limits::max();
      if (edge == 1) value = Limits::lowest();
      if (edge == 2) value = T{0};
    }
    std::ranges::sort(row);
    values.insert(values.end(), row.begin(), row.end());
  }
  return {static_cast<std::uint8_t>(type), {channels, 3}, bytes_of(values)};
}

WrittenTensor Contents::thresholds(Type type, std::uint32_t channels, int reach) {
  if (type == Type::kI16) return threshold_rows<std::int16_t>(type, channels, reach);
  if (type == Type::kI32) return threshold_rows<std::int32_t>(type, channels, reach);
  return threshold_rows<float>(type, channels, reach);
}

std::vector<std::uint8_t> Contents::pixels(std::size_t count) {
  std::vector<std::uint8_t> pixels(count, 255);
  const bool white = magnitude_ == Magnitude::kExtreme && one_in(2);
  if (white) return pixels;
  for (std::uint8_t& pixel : pixels) {
    pixel = static_cast<std::uint8_t>(magnitude_ == Magnitude::kExtreme ? one_of({0, 255})
                                                                        : pick(0, 255));
  }
  return pixels;
}

}  // namespace edgebin::layers
