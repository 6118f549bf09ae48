// The images with which a model file is verified. They are drawn from a seed in integer arithmetic,
// as FORMAT.md defines it, so that a file need not hold them and every machine draws the same
// pixels.
#ifndef EDGEBIN_RUNTIME_FINGERPRINT_PROBE_IMAGE_H_
#define EDGEBIN_RUNTIME_FINGERPRINT_PROBE_IMAGE_H_

#include <cstdint>
#include <vector>

#include "graph/types.h"

namespace edgebin {

// Returns the pixels row by row, channels innermost. `shape` is one that FORMAT.md allows.
std::vector<std::uint8_t> probe_image(std::uint32_t seed, const Shape& shape);

}  // namespace edgebin

#endif  // EDGEBIN_RUNTIME_FINGERPRINT_PROBE_IMAGE_H_
