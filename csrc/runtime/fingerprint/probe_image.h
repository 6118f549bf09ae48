// The pictures of self-tests: drawn from a seed in integers, as FORMAT.md says, so that a file need
// not hold them and every machine sees the same pixels.
#ifndef EDGEBIN_RUNTIME_FINGERPRINT_PROBE_IMAGE_H_
#define EDGEBIN_RUNTIME_FINGERPRINT_PROBE_IMAGE_H_

#include <cstdint>
#include <vector>

#include "graph/types.h"

namespace edgebin {

// Row-major, channels innermost. Of a shape that a file may have.
std::vector<std::uint8_t> test_picture(std::uint32_t seed, const Shape& shape);

}  // namespace edgebin

#endif  // EDGEBIN_RUNTIME_FINGERPRINT_PROBE_IMAGE_H_
