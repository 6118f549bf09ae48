// Which pixels a resized pixel sees along one axis, and with what weights: Pillow's arithmetic
// (src/libImaging/Resample.c and Geometry.c), operation by operation, for rounding decides bits.
#ifndef EDGEBIN_CLI_IMAGE_RESAMPLE_WEIGHTS_H_
#define EDGEBIN_CLI_IMAGE_RESAMPLE_WEIGHTS_H_

#include <cstdint>
#include <string_view>
#include <vector>

namespace edgebin::cli {

// Weights are integers in units of 2^-kWeightBits.
inline constexpr int kWeightBits = 22;

// The pixels `first`.. of the input with their weights.
struct Seen {
  int first = 0;
  std::vector<std::int32_t> weights;
};

// Of the resized pixels begin..end, when `in` pixels become `out`. Not for "nearest".
std::vector<Seen> weights_of(int in, int out, std::string_view filter, int begin, int end);

// The one input pixel that each of the resized pixels begin..end is, by "nearest".
std::vector<int> nearest_of(int in, int out, int begin, int end);

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_IMAGE_RESAMPLE_WEIGHTS_H_
