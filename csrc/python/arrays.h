// Conversions between numpy and the core: image arrays that a model accepts, output arrays, and
// stored constants.
#ifndef EDGEBIN_PYTHON_ARRAYS_H_
#define EDGEBIN_PYTHON_ARRAYS_H_

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "edgebin/model.h"

namespace edgebin {

// Returns `object` as images (N, H, W, C) of the input's shape. Throws Error(kInput) unless it is a
// C-contiguous uint8 array of that shape.
pybind11::array_t<std::uint8_t> images_of(const pybind11::object& object, const ValueInfo& input);

// The bytes of images_of().
std::span<const std::uint8_t> pixels_of(const pybind11::array_t<std::uint8_t>& images);

// Returns an uninitialised array for `count` images: (count, C) for an output of one position, else
// (count, H, W, C).
pybind11::array_t<float> make_output(std::size_t count, const ValueInfo& output);

// Returns a copy with the constant's dimensions: bool for bit (True is +1), int8, int16, int32 or
// float32.
pybind11::array array_of(const ConstantInfo& constant);

}  // namespace edgebin

#endif  // EDGEBIN_PYTHON_ARRAYS_H_
