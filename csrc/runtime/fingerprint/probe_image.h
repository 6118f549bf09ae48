// The images with which a model file is verified. They are drawn from a seed in integer arithmetic,
// as FORMAT.md defines it, so that a file need not hold them and every machine draws the same
// pixels.
#ifndef EDGEBIN_RUNTIME_FINGERPRINT_PROBE_IMAGE_H_
#define EDGEBIN_RUNTIME_FINGERPRINT_PROBE_IMAGE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "graph/network.h"

namespace edgebin {

// Returns the pixels row by row, channels innermost. `shape` is one that FORMAT.md allows.
std::vector<std::uint8_t> probe_image(std::uint32_t seed, const Shape& shape);

// Returns the seed of the image of input number `input`, where the file has `seed`.
std::uint32_t probe_seed(std::uint32_t seed, std::size_t input);

// Returns an image as the elements of an input: f32 numbers, or bytes of s8 or u8.
std::vector<std::byte> probe_elements(std::span<const std::uint8_t> image, InputType type);

}  // namespace edgebin

#endif  // EDGEBIN_RUNTIME_FINGERPRINT_PROBE_IMAGE_H_
