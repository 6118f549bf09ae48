#include "python/errors.h"

#include <exception>

#include "base/error.h"

namespace edgebin {
namespace {

namespace py = pybind11;

const char* exception_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kModelFile:
      return "ModelFileError";
    case ErrorKind::kInput:
      return "InputError";
    case ErrorKind::kOption:
      break;
  }
  return "OptionError";
}

// A message, which may begin with a path that is not UTF-8.
py::object text_of(const std::string& message) {
  const auto size = static_cast<py::ssize_t>(message.size());
  auto text = py::reinterpret_steal<py::object>(
      PyUnicode_DecodeUTF8(message.data(), size, "surrogateescape"));
  if (!text) throw py::error_already_set();
  return text;
}

// pybind11 prescribes the parameter.
void translate(std::exception_ptr pointer) {  // NOLINT(performance-unnecessary-value-param)
  try {
    if (pointer) std::rethrow_exception(pointer);
  } catch (const Error& error) {
    const py::object type = py::module_::import("edgebin.errors").attr(exception_of(error.kind()));
    const py::object instance = type(text_of(error.what()));
    if (!error.code().empty()) instance.attr("code") = std::string(error.code());
    py::set_error(type, instance);
  }
}

}  // namespace

void register_errors() { py::register_local_exception_translator(translate); }

std::string path_of(const py::str& path) {
  const auto bytes = py::reinterpret_steal<py::bytes>(PyUnicode_EncodeFSDefault(path.ptr()));
  if (!bytes) throw py::error_already_set();
  return bytes;
}

}  // namespace edgebin
