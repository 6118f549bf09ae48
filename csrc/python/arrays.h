// Between numpy and the core: the picture array a model accepts, the arrays it returns, and stored
// constants as arrays of their own.
#ifndef EDGEBIN_PYTHON_ARRAYS_H_
#define EDGEBIN_PYTHON_ARRAYS_H_

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstdint>

#include "graph/types.h"

namespace edgebin {

// `object` as pictures (N, H, W, C) of the input's shape.
// Throws Error(kInput) unless it is a C-contiguous uint8 array of that shape.
pybind11::array_t<std::uint8_t> pictures_of(const pybind11::object& object, const Shape& input);

// Uninitialised, (count, C) of 1x1 positions, else (count, H, W, C).
pybind11::array_t<float> make_output(std::int64_t count, const Shape& shape);

// A copy, of the constant's dimensions: bool of bit (True is +1), int8, int16, int32, float32.
pybind11::array array_of(const Constant& constant);

}  // namespace edgebin

#endif  // EDGEBIN_PYTHON_ARRAYS_H_
