// Reacquires the GIL, or waits until the process ends.
//
// A daemon thread may try to reacquire the GIL while the interpreter shuts down. Before Python 3.14
// it is then ended by pthread_exit, which unwinds the stack. That must not reach C++ frames: some
// C++ runtimes abort the process, those in a wheel have an unwinder of their own that cannot read
// the system's frames, and destructors would release Python objects without the GIL. Therefore a
// POSIX cleanup handler, which runs before the unwinding reaches the caller, waits for the end of
// the process, as later versions of Python do.
#ifndef EDGEBIN_PYTHON_RESTORE_THREAD_H_
#define EDGEBIN_PYTHON_RESTORE_THREAD_H_

#include <Python.h>

namespace edgebin {

void restore_thread(PyThreadState* state) noexcept;

}  // namespace edgebin

#endif  // EDGEBIN_PYTHON_RESTORE_THREAD_H_
