// From a picture's file to the bytes that a network takes: the rule of the model's header, as
// edgebin.runtime.preprocess has it in Python.
//
// Taken are binary PGM and PPM pictures of any size, and raw tensors, which are the input itself:
// just as many bytes as it has elements, in its order of colours. What else a camera or the web
// gives, PNG and JPEG foremost, is named and refused: their decoders would weigh more than all of
// this program.
#ifndef EDGEBIN_CLI_IMAGE_PREPARE_H_
#define EDGEBIN_CLI_IMAGE_PREPARE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "cli/image/image.h"
#include "edgebin/model.h"

namespace edgebin::cli {

// The input of one picture. `raw`: its file is a raw tensor, whatever it looks like.
// Throws Error(kInput) that names the picture.
std::vector<std::uint8_t> read_input(const std::string& path, const ModelInfo& model, bool raw);

// The same of a decoded picture. Throws Error(kInput).
std::vector<std::uint8_t> prepare(const Picture& picture, const ModelInfo& model);

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_IMAGE_PREPARE_H_
