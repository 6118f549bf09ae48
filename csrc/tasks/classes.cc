#include "tasks/classes.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"

namespace edgebin::tasks {
namespace {

void apply_softmax(std::vector<double>& values) {
  const double largest = *std::ranges::max_element(values);
  double total = 0.0;
  for (double& value : values) total += value = std::exp(value - largest);
  for (double& value : values) value /= total;
}

}  // namespace

std::vector<Prediction> rank(std::span<const float> values, const ModelInfo& model,
                             std::size_t top) {
  std::vector<double> scores(values.begin(), values.end());
  if (!model.outputs.front().probabilities) apply_softmax(scores);
  if (!std::ranges::all_of(scores, [](double score) { return std::isfinite(score); })) {
    throw Error(ErrorKind::kModelFile, "output: expected finite values, found NaN or infinity");
  }
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t i) { return scores[i]; });
  order.resize(std::min(top, order.size()));
  std::vector<Prediction> best;
  for (const std::size_t i : order) {
    const bool named = i < model.labels.size();
    best.push_back({named ? model.labels[i] : std::to_string(i), i, scores[i]});
  }
  return best;
}

}  // namespace edgebin::tasks
