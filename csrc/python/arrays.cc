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

py::dtype dtype_of(const ValueInfo& input) {
  if (input.dtype == "f32") return py::dtype::of<float>();
  return input.dtype == "s8" ? py::dtype::of<std::int8_t>() : py::dtype::of<std::uint8_t>();
}

// How messages call an input.
std::string name_of(const ModelInfo& model, std::size_t index) {
  const bool is_image = model.inputs.size() == 1 && model.input.dtype == "u8";
  return is_image ? "images" : message("input ", quoted(model.inputs[index].name));
}

py::array checked_array(const py::object& object, const ValueInfo& input, const std::string& name) {
  const py::dtype dtype = dtype_of(input);
  const std::string expected =
      message(name, ": expected ", std::string(py::str(dtype)), " of shape (N, ", input.height,
              ", ", input.width, ", ", input.channels, "), found ");
  if (!py::isinstance<py::array>(object)) {
    throw Error(ErrorKind::kInput, expected + Py_TYPE(object.ptr())->tp_name);
  }
  const auto array = py::reinterpret_borrow<py::array>(object);
  const bool fits = array.dtype().equal(dtype) && array.ndim() == 4 &&
                    array.shape(1) == input.height && array.shape(2) == input.width &&
                    array.shape(3) == input.channels && (array.flags() & py::array::c_style) != 0;
  if (!fits) throw Error(ErrorKind::kInput, expected + describe_array(array));
  return array;
}

std::vector<py::ssize_t> dims_of(const ConstantInfo& constant) {
  return {constant.dims.begin(), constant.dims.end()};
}

// Rows of bits are packed lowest bit first, and each row starts at a byte.
py::array unpack_bits(const ConstantInfo& constant) {
  py::array_t<bool> result(dims_of(constant));
  bool* to = result.mutable_data();
  const auto rows = static_cast<std::size_t>(constant.dims.front());
  const std::size_t row_length = static_cast<std::size_t>(result.size()) / rows;
  const std::size_t row_bytes = constant.bytes.size() / rows;
  for (std::size_t row = 0; row < rows; ++row) {
    const auto bytes = constant.bytes.subspan(row * row_bytes, row_bytes);
    for (std::size_t k = 0; k < row_length; ++k) {
      *to++ = (std::to_integer<int>(bytes[k / 8]) >> (k % 8) & 1) != 0;
    }
  }
  return result;
}

template <class T>
py::array copy_elements(const ConstantInfo& constant) {
  py::array_t<T> result(dims_of(constant));
  std::memcpy(result.mutable_data(), constant.bytes.data(), constant.bytes.size());
  return result;
}

}  // namespace

InputArrays inputs_of(const py::object& object, const ModelInfo& model) {
  const bool is_list = py::isinstance<py::list>(object);
  const std::size_t found = is_list ? py::len(object) : 1;
  if (found != model.inputs.size()) {
    throw Error(ErrorKind::kInput,
                message("inputs: expected ", model.inputs.size(), ", found ", found));
  }
  InputArrays inputs;
  for (std::size_t i = 0; i < found; ++i) {
    const py::object one = is_list ? py::object(py::list(object)[i]) : object;
    const py::array array = checked_array(one, model.inputs[i], name_of(model, i));
    const auto count = static_cast<std::size_t>(array.shape(0));
    if (i == 0) inputs.count = count;
    if (count != inputs.count) {
      throw Error(ErrorKind::kInput, message(name_of(model, i), ": expected N to be ", inputs.count,
                                             " as in the first, found ", count));
    }
    inputs.bytes.emplace_back(static_cast<const std::byte*>(array.data()),
                              static_cast<std::size_t>(array.nbytes()));
    inputs.arrays.push_back(array);
  }
  return inputs;
}

py::array_t<float> make_output(std::size_t count, const ValueInfo& output) {
  const auto images = static_cast<py::ssize_t>(count);
  if (output.height == 1 && output.width == 1) {
    return py::array_t<float>(std::vector<py::ssize_t>{images, output.channels});
  }
  return py::array_t<float>(
      std::vector<py::ssize_t>{images, output.height, output.width, output.channels});
}

py::array array_of(const ConstantInfo& constant) {
  if (constant.type == "bit") return unpack_bits(constant);
  if (constant.type == "s8") return copy_elements<std::int8_t>(constant);
  if (constant.type == "i16") return copy_elements<std::int16_t>(constant);
  if (constant.type == "i32") return copy_elements<std::int32_t>(constant);
  return copy_elements<float>(constant);
}

}  // namespace edgebin
