// Releases the GIL while an object of this class lives, so that other Python threads can run.
#ifndef EDGEBIN_PYTHON_UNLOCKED_H_
#define EDGEBIN_PYTHON_UNLOCKED_H_

#include <Python.h>

#include "python/restore_thread.h"

namespace edgebin {

class Unlocked {
 public:
  Unlocked() : state_(PyEval_SaveThread()) {}
  ~Unlocked() { restore_thread(state_); }
  Unlocked(const Unlocked&) = delete;
  Unlocked& operator=(const Unlocked&) = delete;

 private:
  PyThreadState* state_;
};

}  // namespace edgebin

#endif  // EDGEBIN_PYTHON_UNLOCKED_H_
