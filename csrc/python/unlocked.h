// Lets other Python threads run while this one computes.
//
// A daemon thread may want the interpreter's lock back when the interpreter is at its end. Before
// Python 3.14 it is then ended by pthread_exit, which unwinds the stack: C++ would abort the whole
// process for it (as pybind11's own gil_scoped_release does), and unwinding would drop Python
// objects without the lock. So it waits for the end of the process, which is what later versions
// do.
#ifndef EDGEBIN_PYTHON_UNLOCKED_H_
#define EDGEBIN_PYTHON_UNLOCKED_H_

#include <Python.h>
#include <unistd.h>

namespace edgebin {

class Unlocked {
 public:
  Unlocked() : state_(PyEval_SaveThread()) {}
  ~Unlocked() {
    try {
      PyEval_RestoreThread(state_);
    } catch (...) {
      for (;;) pause();
    }
  }
  Unlocked(const Unlocked&) = delete;
  Unlocked& operator=(const Unlocked&) = delete;

 private:
  PyThreadState* state_;
};

}  // namespace edgebin

#endif  // EDGEBIN_PYTHON_UNLOCKED_H_
