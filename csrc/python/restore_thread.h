// Takes the interpreter's lock again, or waits for the end of the process.
//
// A daemon thread may want the lock back when the interpreter is at its end. Before Python 3.14 it
// is then ended by pthread_exit, which unwinds the stack. C++ frames must not see that: some C++
// libraries abort the process for it, those of a wheel bring an unwinder of their own that cannot
// read the system's, and destructors would drop Python objects without the lock. So a cleanup
// handler of POSIX, which runs before the unwinding comes to its caller, waits for the end of the
// process, which is what later versions of Python do.
#ifndef EDGEBIN_PYTHON_RESTORE_THREAD_H_
#define EDGEBIN_PYTHON_RESTORE_THREAD_H_

#include <Python.h>

namespace edgebin {

void restore_thread(PyThreadState* state) noexcept;

}  // namespace edgebin

#endif  // EDGEBIN_PYTHON_RESTORE_THREAD_H_
