#include "cli/image/resample_weights.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace edgebin::cli {
namespace {

double bilinear(double x) {
  x = std::fabs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

double bicubic(double x) {
  constexpr double kA = -0.5;
  x = std::fabs(x);
  if (x < 1.0) return ((kA + 2.0) * x - (kA + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * kA;
  return 0.0;
}

double sinc(double x) {
  if (x == 0.0) return 1.0;
  x = x * std::numbers::pi;
  return std::sin(x) / x;
}

double lanczos(double x) { return -3.0 <= x && x < 3.0 ? sinc(x) * sinc(x / 3) : 0.0; }

struct Filter {
  double (*weight)(double x);
  double support;  // the weight is 0 from here on
};

Filter filter_of(std::string_view name) {
  if (name == "bilinear") return {bilinear, 1.0};
  if (name == "bicubic") return {bicubic, 2.0};
  return {lanczos, 3.0};
}

std::int32_t fixed_point(double weight) {
  const double scaled = weight * (1 << kWeightBits);
  return static_cast<std::int32_t>(weight < 0 ? -0.5 + scaled : 0.5 + scaled);
}

// Input pixels per resized pixel. Pillow keeps the sides of its box as floats.
double scale_of(int in, int out) { return static_cast<double>(static_cast<float>(in)) / out; }

// Adds one half and truncates towards zero, as Pillow rounds.
int rounded(double value) {
  return static_cast<int>(value + 0.5);  // NOLINT(bugprone-incorrect-roundings)
}

Weights kernel_at(double center, double support, double scale, int in, const Filter& filter) {
  Weights kernel;
  kernel.first = std::max(rounded(center - support), 0);
  const int count = std::min(rounded(center + support), in) - kernel.first;
  std::vector<double> weights;
  double total = 0.0;
  for (int i = 0; i < count; ++i) {
    weights.push_back(filter.weight((i + kernel.first - center + 0.5) * scale));
    total += weights.back();
  }
  for (double& weight : weights) {
    if (total != 0.0) weight /= total;
    kernel.values.push_back(fixed_point(weight));
  }
  return kernel;
}

}  // namespace

std::vector<Weights> weights_of(int in, int out, std::string_view filter, int begin, int end) {
  const Filter function = filter_of(filter);
  const double scale = scale_of(in, out);
  const double stretch = std::max(scale, 1.0);
  const double support = function.support * stretch;
  std::vector<Weights> kernels;
  for (int at = begin; at < end; ++at) {
    kernels.push_back(kernel_at((at + 0.5) * scale, support, 1.0 / stretch, in, function));
  }
  return kernels;
}

// The position is accumulated from the first pixel on, with the rounding of each addition.
std::vector<int> nearest_of(int in, int out, int begin, int end) {
  const double scale = scale_of(in, out);
  double position = scale * 0.5;
  std::vector<int> pixels;
  for (int at = 0; at < end; ++at, position += scale) {
    if (at >= begin) pixels.push_back(std::min(static_cast<int>(position), in - 1));
  }
  return pixels;
}

}  // namespace edgebin::cli
