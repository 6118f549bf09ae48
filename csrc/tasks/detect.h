// Detection: from the outputs of a network to boxes, as FORMAT.md says under "Task".
//
// Nothing is allocated for an image. All decisions are comparisons of values that every machine
// computes alike, so the boxes are the same everywhere.
#ifndef EDGEBIN_TASKS_DETECT_H_
#define EDGEBIN_TASKS_DETECT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "edgebin/model.h"

namespace edgebin::tasks {

// Edges in pixels, from the left and from the top.
struct Box {
  float left;
  float top;
  float right;
  float bottom;
};

struct Detection {
  Box box;
  float score;        // as the network gives it, threshold to 1
  std::size_t index;  // number of the class
};

// Area of the intersection over area of the union; 0 where they do not meet. Both have an area.
double overlap(const Box& a, const Box& b);

class Detector {
 public:
  // `model` must outlive the detector. Throws Error(kInput) unless its task is to detect.
  explicit Detector(const ModelInfo& model);

  // Returns the boxes of one image, best first, in pixels of the first input. `outputs` has the
  // elements of each output of the network. The boxes are valid until the next call.
  std::span<const Detection> decode(std::span<const std::span<const float>> outputs) noexcept;

 private:
  // A score of at least the threshold, and where it stands.
  struct Candidate {
    float score;
    std::uint32_t level;
    std::uint32_t element;  // of the level's scores
  };
  static bool is_better(const Candidate& a, const Candidate& b);

  void collect(std::span<const float> scores, std::uint32_t level) noexcept;
  void add(const Candidate& candidate) noexcept;
  void suppress(const Detection& detection) noexcept;
  Box decode_box(const float* values, std::size_t position, const DetectLevel& level) const;

  const ModelInfo& model_;
  const DetectInfo& rule_;
  std::vector<Candidate> candidates_;  // a heap, the worst on top, while they are collected
  std::vector<Detection> detections_;
};

// The size of an upright image; 0 x 0 where boxes shall be in pixels of the input.
struct ImageSize {
  int width = 0;
  int height = 0;
};

// Runs one image of a network, given as the bytes of the elements of its only input, and returns
// its boxes in pixels of the image that the input was made from. Boxes without area there are left
// out. Throws Error(kInput) and what Model::run throws.
std::vector<Detection> detect(const Model& model, std::span<const std::byte> image, ImageSize size,
                              Detector& detector);

}  // namespace edgebin::tasks

#endif  // EDGEBIN_TASKS_DETECT_H_
