#include "ops/conv/epilogue/border_bias.h"

#include <algorithm>
#include <cstdint>

#include "ops/constants.h"

namespace edgebin {

namespace {

// The position behind the last one that has the same taps inside as `at`. Neither end of the taps
// inside increases along an axis, so the positions of a class are neighbours. Near the borders a
// class has one position, between them nearly all: the step doubles until it is too long, and is
// then halved.
int end_of_class(const Axis& axis, int size, int at, int positions) {
  const Taps inside = axis.inside(at, size);
  int step = 1;
  const auto advances = [&] {
    return step < positions - at && axis.inside(at + step, size) == inside;
  };
  for (; advances(); step *= 2) at += step;
  for (; step > 0; step /= 2) {
    if (advances()) at += step;
  }
  return at + 1;
}

}  // namespace

// There are at most 2 x kernel + 1 classes, however large the image is.
BorderClasses::BorderClasses(const Axis& axis, int size) {
  const int positions = axis.output(size);
  const auto max_classes = static_cast<std::size_t>(std::min(positions, 2 * axis.kernel + 1));
  taps_.reserve(max_classes);
  ends_.reserve(max_classes);
  for (int at = 0; at < positions; at = ends_.back()) {
    taps_.push_back(axis.inside(at, size));
    ends_.push_back(end_of_class(axis, size, at, positions));
  }
}

BorderBias::BorderBias(const ConvSpec& spec) : geometry_(spec.geometry) {
  const int channels = geometry_.out.c;
  if (spec.zero != nullptr) {
    rows_ = BorderClasses(geometry_.window.rows, geometry_.in.h);
    columns_ = BorderClasses(geometry_.window.columns, geometry_.in.w);
    classes_ = rows_.count() * columns_.count();
  }
  table_.resize(static_cast<std::size_t>(classes_) * channels);
  for (int n = 0; n < channels; ++n) {
    const float bias = spec.bias != nullptr ? spec.bias->element<float>(n) : 0.0f;
    for (int i = 0; i < classes_; ++i) table_[static_cast<std::size_t>(i) * channels + n] = bias;
    if (spec.zero != nullptr) subtract_zero(spec, n);
  }
}

// Subtracts scale x (sum of weight x zero over the taps inside), for all classes. The taps inside
// form a rectangle, so the sum is a combination of four prefix sums over rows and columns.
void BorderBias::subtract_zero(const ConvSpec& spec, int channel) {
  const int width = geometry_.window.columns.kernel;
  const int height = geometry_.window.rows.kernel;
  const int depth = geometry_.group_in();
  const int first = channel / geometry_.group_out() * depth;
  std::vector<std::int32_t> weights(static_cast<std::size_t>(geometry_.depth()));
  read_row(*spec.weights, channel, std::span(weights));
  std::vector<std::int64_t> prefix(static_cast<std::size_t>(height + 1) * (width + 1));
  const auto sum_before = [&](int y, int x) -> std::int64_t& {
    return prefix[static_cast<std::size_t>(y) * (width + 1) + x];
  };
  const std::int32_t* weight = weights.data();
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      std::int64_t tap = 0;
      for (int c = 0; c < depth; ++c) {
        tap += std::int64_t{*weight++} * spec.zero->element<std::int32_t>(first + c);
      }
      sum_before(y + 1, x + 1) =
          tap + sum_before(y, x + 1) + sum_before(y + 1, x) - sum_before(y, x);
    }
  }
  const double scale = spec.scale->element<float>(channel);
  for (int i = 0; i < classes_; ++i) {
    const auto [top, bottom] = rows_.taps(i / columns_.count());
    const auto [left, right] = columns_.taps(i % columns_.count());
    const std::int64_t correction = sum_before(bottom, right) - sum_before(top, right) -
                                    sum_before(bottom, left) + sum_before(top, left);
    float& bias = table_[static_cast<std::size_t>(i) * geometry_.out.c + channel];
    bias = static_cast<float>(static_cast<double>(bias) -
                              scale * (static_cast<double>(correction) / 65536.0));
  }
}

BorderBiasSize border_bias_size(const ConvSpec& spec) {
  const Bytes row = static_cast<Bytes>(spec.geometry.out.c) * sizeof(float);
  if (spec.zero == nullptr) return {row, 0};
  const BorderClasses rows(spec.geometry.window.rows, spec.geometry.in.h);
  const BorderClasses columns(spec.geometry.window.columns, spec.geometry.in.w);
  return {row * static_cast<Bytes>(rows.count()) * static_cast<Bytes>(columns.count()),
          rows.bytes() + columns.bytes()};
}

}  // namespace edgebin
