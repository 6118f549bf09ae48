// The weights of the input pixels for each resized pixel along one axis. Same arithmetic as Pillow
// (src/libImaging/Resample.c and Geometry.c), operation by operation, because rounding decides
// bits.
#ifndef EDGEBIN_CLI_IMAGE_RESAMPLE_WEIGHTS_H_
#define EDGEBIN_CLI_IMAGE_RESAMPLE_WEIGHTS_H_

#include <cstdint>
#include <string_view>
#include <vector>

namespace edgebin::cli {

// Weights are integers in units of 2^-kWeightBits.
inline constexpr int kWeightBits = 22;

// The weights of the input pixels from `first` on.
struct Weights {
  int first = 0;
  std::vector<std::int32_t> values;
};

// Returns the weights for the resized pixels begin..end when `in` pixels become `out`. `filter` is
// not "nearest".
std::vector<Weights> weights_of(int in, int out, std::string_view filter, int begin, int end);

// Returns the input pixel that each of the resized pixels begin..end copies with "nearest".
std::vector<int> nearest_of(int in, int out, int begin, int end);

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_IMAGE_RESAMPLE_WEIGHTS_H_
