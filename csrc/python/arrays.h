// Conversions between numpy and the core: image arrays that a model accepts, output arrays, and
// stored constants.
#ifndef EDGEBIN_PYTHON_ARRAYS_H_
#define EDGEBIN_PYTHON_ARRAYS_H_

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "edgebin/model.h"

namespace edgebin {

// What a model runs on: an array (N, H, W, C) for each input, with the same N.
struct InputArrays {
  std::vector<pybind11::array> arrays;
  std::size_t count = 0;                          // N
  std::vector<std::span<const std::byte>> bytes;  // of the arrays
};

// Returns the arrays in `object`: an array, if the model has one input, or a list of one for each.
// Throws Error(kInput) unless they are C-contiguous arrays of the types and shapes of the inputs.
InputArrays inputs_of(const pybind11::object& object, const ModelInfo& model);

// Returns an uninitialised array for `count` images: (count, C) for an output of one position, else
// (count, H, W, C).
pybind11::array_t<float> make_output(std::size_t count, const ValueInfo& output);

// Returns a copy with the constant's dimensions: bool for bit (True is +1), int8, int16, int32 or
// float32.
pybind11::array array_of(const ConstantInfo& constant);

}  // namespace edgebin

#endif  // EDGEBIN_PYTHON_ARRAYS_H_
