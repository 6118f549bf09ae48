// Files that hold tensors: the bytes of their elements, or numpy's format `.npy`, version 1.
#ifndef EDGEBIN_CLI_IO_TENSOR_FILE_H_
#define EDGEBIN_CLI_IO_TENSOR_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "edgebin/model.h"

namespace edgebin::cli {

bool is_npy(const std::string& path);

// Returns the elements of one or more images of an input: the contents of the file, or of an array
// of the input's type and shape where the path ends in ".npy". Throws Error(kInput).
std::vector<std::uint8_t> read_tensor(const std::string& path, const ValueInfo& input);

// Returns the header of a `.npy` file that holds `count` images of an output.
std::string npy_header(const ValueInfo& output, std::size_t count);

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_IO_TENSOR_FILE_H_
