#include "ops/conv/border_bias.h"

#include <algorithm>
#include <cstdint>

#include "ops/constants.h"

namespace edgebin {

namespace {

// The position behind the last one that sees the same taps as `at`. Neither end of the taps inside
// ever rises along an axis, so these positions are neighbours. At the borders a class has one
// position, between them nearly all: steps double until one is too long, and are then halved.
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

// There are at most 2 x kernel + 1 classes however large the picture is.
BorderClasses::BorderClasses(const Axis& axis, int size) {
  const int positions = axis.output(size);
  const auto most = static_cast<std::size_t>(std::min(positions, 2 * axis.kernel + 1));
  taps_.reserve(most);
  ends_.reserve(most);
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

// corr of a class is a sum over a rectangle of taps: four corners of the prefix sums over rows and
// columns of weight x zero.
void BorderBias::subtract_zero(const ConvSpec& spec, int channel) {
  const int width = geometry_.window.columns.kernel;
  const int height = geometry_.window.rows.kernel;
  const int depth = geometry_.group_in();
  const int first = channel / geometry_.group_out() * depth;
  std::vector<std::int32_t> weights(static_cast<std::size_t>(geometry_.depth()));
  read_row(*spec.weights, channel, weights.data());
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
    const std::int64_t corr = sum_before(bottom, right) - sum_before(top, right) -
                              sum_before(bottom, left) + sum_before(top, left);
    float& bias = table_[static_cast<std::size_t>(i) * geometry_.out.c + channel];
    bias = static_cast<float>(static_cast<double>(bias) -
                              scale * (static_cast<double>(corr) / 65536.0));
  }
}

}  // namespace edgebin
