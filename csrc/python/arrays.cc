#include "python/arrays.h"

#include <cstring>
#include <string>
#include <vector>

#include "base/error.h"

namespace edgebin {
namespace {

namespace py = pybind11;

std::string describe_array(const py::array& array) {
  std::string sizes;
  for (py::ssize_t i = 0; i < array.ndim(); ++i) {
    if (i > 0) sizes += ", ";
    sizes += message(array.shape(i));
  }
  if (array.ndim() == 1) sizes += ',';
  const bool contiguous = (array.flags() & py::array::c_style) != 0;
  return message(std::string(py::str(array.dtype())), " of shape (", sizes, ')',
                 contiguous ? "" : " that is not C-contiguous");
}

std::vector<py::ssize_t> dims_of(const Constant& constant) {
  return {constant.dims.begin(), constant.dims.begin() + constant.rank};
}

py::array unpack_bits(const Constant& constant) {
  py::array_t<bool> result(dims_of(constant));
  bool* to = result.mutable_data();
  const auto length = static_cast<std::size_t>(constant.row_length());
  for (auto row = constant.bytes; !row.empty();
       row = row.subspan(static_cast<std::size_t>(constant.row_bytes()))) {
    for (std::size_t k = 0; k < length; ++k) {
      *to++ = (std::to_integer<int>(row[k / 8]) >> (k % 8) & 1) != 0;
    }
  }
  return result;
}

template <class T>
py::array copy_elements(const Constant& constant) {
  py::array_t<T> result(dims_of(constant));
  std::memcpy(result.mutable_data(), constant.bytes.data(), constant.bytes.size());
  return result;
}

}  // namespace

py::array_t<std::uint8_t> pictures_of(const py::object& object, const Shape& input) {
  const std::string expected = message("pictures: expected uint8 of shape (N, ", input.h, ", ",
                                       input.w, ", ", input.c, "), found ");
  if (!py::isinstance<py::array>(object)) {
    throw Error(ErrorKind::kInput, expected + Py_TYPE(object.ptr())->tp_name);
  }
  const auto array = py::reinterpret_borrow<py::array>(object);
  const bool fits = array.dtype().equal(py::dtype::of<std::uint8_t>()) && array.ndim() == 4 &&
                    array.shape(1) == input.h && array.shape(2) == input.w &&
                    array.shape(3) == input.c && (array.flags() & py::array::c_style) != 0;
  if (!fits) throw Error(ErrorKind::kInput, expected + describe_array(array));
  return py::reinterpret_borrow<py::array_t<std::uint8_t>>(object);
}

py::array_t<float> make_output(std::int64_t count, const Shape& shape) {
  const auto pictures = static_cast<py::ssize_t>(count);  // of 32 bits on such a machine
  if (shape.pixels() == 1) {
    return py::array_t<float>(std::vector<py::ssize_t>{pictures, shape.c});
  }
  return py::array_t<float>(std::vector<py::ssize_t>{pictures, shape.h, shape.w, shape.c});
}

py::array array_of(const Constant& constant) {
  switch (constant.type) {
    case ConstantType::kBit:
      return unpack_bits(constant);
    case ConstantType::kS8:
      return copy_elements<std::int8_t>(constant);
    case ConstantType::kI16:
      return copy_elements<std::int16_t>(constant);
    case ConstantType::kI32:
      return copy_elements<std::int32_t>(constant);
    case ConstantType::kF32:
      break;
  }
  return copy_elements<float>(constant);
}

}  // namespace edgebin
