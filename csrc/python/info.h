// Binds the plain data of edgebin/model.h: what a model is and what a verification found.
#ifndef EDGEBIN_PYTHON_INFO_H_
#define EDGEBIN_PYTHON_INFO_H_

#include <pybind11/pybind11.h>

namespace edgebin {

void bind_info(pybind11::module_& module);

}  // namespace edgebin

#endif  // EDGEBIN_PYTHON_INFO_H_
