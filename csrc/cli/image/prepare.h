// Preprocessing: from an image file to the input of a network, by the rule in the model's header,
// as edgebin.runtime.preprocess does it in Python.
//
// Supported are binary PGM and PPM images of any size, and raw tensors, which hold the bytes of the
// input in its own colour order. Other formats are named and refused: decoders for PNG and JPEG
// would be larger than the rest of this program.
#ifndef EDGEBIN_CLI_IMAGE_PREPARE_H_
#define EDGEBIN_CLI_IMAGE_PREPARE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "cli/image/image.h"
#include "edgebin/model.h"

namespace edgebin::cli {

// Returns the network's input for an image file. With `raw` the file is read as a raw tensor,
// whatever it looks like. Throws Error(kInput) that names the image.
std::vector<std::uint8_t> read_input(const std::string& path, const ModelInfo& model, bool raw);

// Returns the network's input for a decoded image. Throws Error(kInput).
std::vector<std::uint8_t> prepare(const Image& image, const ModelInfo& model);

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_IMAGE_PREPARE_H_
