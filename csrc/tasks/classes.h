// Classification: from the first output of a network to ranked classes.
//
// Values that are not finite are an error: a label chosen from a NaN would be arbitrary.
#ifndef EDGEBIN_TASKS_CLASSES_H_
#define EDGEBIN_TASKS_CLASSES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "edgebin/model.h"

namespace edgebin::tasks {

struct Prediction {
  std::string label;  // the number of the class where the model has no name for it
  std::size_t index;  // number of the class
  double score;       // probability, 0 to 1
};

// The name of a class; its number where the model has no name for it.
std::string label_of(const ModelInfo& model, std::size_t index);

// Throws Error(kInput) unless the task is to classify: the first output has one position, with a
// channel for each class.
void require_classes(const ModelInfo& model);

// Returns the `top` best classes of one image, best first, ties by number. `values` are the
// elements of the first output: probabilities where the network ends in a softmax, else they go
// through one here, in double precision, with the temperature of the model. Nothing is returned if
// the best score is below the model's threshold: the image belongs to none of the classes. Throws
// Error(kModelFile) if a value is NaN or infinite.
std::vector<Prediction> rank(std::span<const float> values, const ModelInfo& model,
                             std::size_t top);

// Runs one or more images of a network of one input, given as the bytes of its elements, and ranks
// the classes of each. Throws what require_classes, Model::run and rank throw.
std::vector<std::vector<Prediction>> classify(const Model& model, std::span<const std::byte> images,
                                              std::size_t top);

}  // namespace edgebin::tasks

#endif  // EDGEBIN_TASKS_CLASSES_H_
