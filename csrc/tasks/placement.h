// Where an image lies in the input of a network: the rule of FORMAT.md under "From image to
// pixels", and back from the input to the image.
#ifndef EDGEBIN_TASKS_PLACEMENT_H_
#define EDGEBIN_TASKS_PLACEMENT_H_

#include <cstdint>

#include "edgebin/model.h"
#include "tasks/detect.h"

namespace edgebin::tasks {

// An image is resized to `width` x `height`; the input begins `left` pixels right of its left edge
// and `top` below its top edge, outside of it where they are negative.
struct Placement {
  std::uint64_t width;
  std::uint64_t height;
  std::int64_t left;
  std::int64_t top;
};

// `width` and `height` are of the upright image, at least 1.
Placement place(const ModelInfo& model, int width, int height);

// Returns a box of the input in pixels of the image; what lies outside of the image is cut off,
// perhaps all.
Box to_image(const Box& box, const Placement& placement, int width, int height);

}  // namespace edgebin::tasks

#endif  // EDGEBIN_TASKS_PLACEMENT_H_
