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

// The elements of the input, and the size of the image that they were made from: 0 for a raw
// tensor.
struct PreparedInput {
  std::vector<std::uint8_t> elements;
  int width = 0;
  int height = 0;
};

// Returns the network's input for an image file. With `raw` the file is read as a raw tensor,
// whatever it looks like. Throws Error(kInput) that names the image.
PreparedInput read_input(const std::string& path, const ModelInfo& model, bool raw);

// Returns the network's input for a decoded image. Throws Error(kInput).
std::vector<std::uint8_t> prepare(const Image& image, const ModelInfo& model);

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_IMAGE_PREPARE_H_
