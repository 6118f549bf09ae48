#include "cli/measure/profile.h"

#include <algorithm>
#include <chrono>

namespace edgebin::cli {
namespace {

constexpr std::size_t kLeast = 20;
constexpr std::size_t kMost = 1000;

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

}  // namespace

std::vector<ProfiledStep> profile(const Model& model,
                                  std::span<const std::span<const std::byte>> inputs,
                                  std::size_t images) {
  const std::vector<LayerInfo> layers = model.layers();
  const std::vector<StepInfo> steps = model.steps();
  std::vector<std::vector<double>> times(steps.size());
  for (std::size_t i = 0; i < std::clamp(images, kLeast, kMost); ++i) {
    const auto found = model.profile(inputs).front();
    for (std::size_t step = 0; step < steps.size(); ++step) {
      times[step].push_back(std::chrono::duration<double, std::milli>(found[step]).count());
    }
  }
  std::vector<ProfiledStep> profiled;
  for (std::size_t step = 0; step < steps.size(); ++step) {
    ProfiledStep one;
    for (const int number : steps[step].layers) {
      const LayerInfo& layer = layers[static_cast<std::size_t>(number)];
      one.layers.push_back(layer.name);
      one.ops.push_back(layer.op);
      one.macs += layer.macs;
    }
    const LayerInfo& first = layers[static_cast<std::size_t>(steps[step].layers.front())];
    one.shape = {first.height, first.width, first.channels};
    one.kernel = steps[step].kernel;
    one.ms = median(std::move(times[step]));
    profiled.push_back(std::move(one));
  }
  return profiled;
}

}  // namespace edgebin::cli
