// Errors and paths between Python and the core: an Error becomes an exception of edgebin.errors.
#ifndef EDGEBIN_PYTHON_ERRORS_H_
#define EDGEBIN_PYTHON_ERRORS_H_

#include <pybind11/pybind11.h>

#include <string>

namespace edgebin {

// Translates errors of the core for functions of this module.
void register_errors();

// Returns the bytes of a path. A name that is not UTF-8 has surrogates in its str.
std::string path_of(const pybind11::str& path);

}  // namespace edgebin

#endif  // EDGEBIN_PYTHON_ERRORS_H_
