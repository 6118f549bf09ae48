#include "tasks/classes.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"

namespace edgebin::tasks {
namespace {

// Of logits; those of probabilities are their logarithms.
void apply_softmax(std::vector<double>& values, bool probabilities, double temperature) {
  for (double& value : values) value = (probabilities ? std::log(value) : value) / temperature;
  const double largest = *std::ranges::max_element(values);
  double total = 0.0;
  for (double& value : values) total += value = std::exp(value - largest);
  for (double& value : values) value /= total;
}

}  // namespace

std::string label_of(const ModelInfo& model, std::size_t index) {
  return index < model.labels.size() ? model.labels[index] : std::to_string(index);
}

void require_classes(const ModelInfo& model) {
  const ValueInfo& output = model.outputs.front();
  if (output.height == 1 && output.width == 1) {
    if (model.task == "classify") return;
    throw Error(ErrorKind::kInput, message("task: expected classify, found ", model.task,
                                           "; what works: Model.run or --output"));
  }
  throw Error(ErrorKind::kInput,
              message("output ", quoted(output.name), ": expected classes, found ", output.height,
                      'x', output.width, 'x', output.channels,
                      "; what works: its values, by Model.run or --output"));
}

std::vector<Prediction> rank(std::span<const float> values, const ModelInfo& model,
                             std::size_t top) {
  std::vector<double> scores(values.begin(), values.end());
  const bool probabilities = model.outputs.front().probabilities;
  if (!probabilities || model.temperature != 1.0f) {
    apply_softmax(scores, probabilities, model.temperature);
  }
  if (!std::ranges::all_of(scores, [](double score) { return std::isfinite(score); })) {
    throw Error(ErrorKind::kModelFile, "output: expected finite values, found NaN or infinity");
  }
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t i) { return scores[i]; });
  if (scores[order.front()] < model.threshold) return {};
  order.resize(std::min(top, order.size()));
  std::vector<Prediction> best;
  best.reserve(order.size());
  for (const std::size_t i : order) {
    best.push_back({label_of(model, i), i, scores[i]});
  }
  return best;
}

std::vector<std::vector<Prediction>> classify(const Model& model, std::span<const std::byte> images,
                                              std::size_t top) {
  const ModelInfo& info = model.info();
  require_classes(info);
  const std::vector<float> values = model.run(std::span(&images, 1)).front();
  const std::size_t classes = info.outputs.front().elements();
  std::vector<std::vector<Prediction>> predictions;
  for (std::size_t at = 0; at < values.size(); at += classes) {
    predictions.push_back(rank(std::span(values).subspan(at, classes), info, top));
  }
  return predictions;
}

}  // namespace edgebin::tasks
