// From a network's scores to ranked labels, as edgebin.runtime.prediction has it in Python. It
// refuses to rank values that are not finite: a label drawn from a NaN would be an invention.
#ifndef EDGEBIN_TASKS_CLASSES_H_
#define EDGEBIN_TASKS_CLASSES_H_

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "edgebin/model.h"

namespace edgebin::tasks {

struct Prediction {
  std::string label;  // the class's number where the model has no name for it
  std::size_t index;
  double score;  // probability, 0 to 1
};

// The `top` best classes of one picture, best first, ties by number. `values` are the model's first
// output, one for each class: probabilities, or what softmax makes them of.
// Throws Error(kModelFile) if a score is NaN or infinite.
std::vector<Prediction> rank(std::span<const float> values, const ModelInfo& model,
                             std::size_t top);

}  // namespace edgebin::tasks

#endif  // EDGEBIN_TASKS_CLASSES_H_
