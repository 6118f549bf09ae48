// The profile of a model: its steps with the median time of an image, as edgebin.runtime.profile.
#ifndef EDGEBIN_CLI_MEASURE_PROFILE_H_
#define EDGEBIN_CLI_MEASURE_PROFILE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "edgebin/model.h"

namespace edgebin::cli {

// One step of a run: a layer, and the layers behind it that are fused into it.
struct ProfiledStep {
  std::vector<std::string> layers;
  std::vector<std::string> ops;
  std::string kernel;        // of a convolution or linear layer; else empty
  std::array<int, 3> shape;  // height, width, channels of the first layer's output
  std::int64_t macs = 0;     // of one image
  double ms = 0;             // median of one image
};

// Times the steps of one image, run `images` times, at least 20 and at most 1000. `inputs` are the
// bytes of that image of each input. Throws what Model::profile throws.
std::vector<ProfiledStep> profile(const Model& model,
                                  std::span<const std::span<const std::byte>> inputs,
                                  std::size_t images);

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_MEASURE_PROFILE_H_
