// Compiled without exceptions: only then does pthread_cleanup_push register a handler that glibc
// calls directly, instead of a destructor that the unwinder would have to run.
#include "python/restore_thread.h"

#include <pthread.h>
#include <unistd.h>

#ifdef __EXCEPTIONS
#error "restore_thread.cc must be compiled with -fno-exceptions"
#endif

namespace edgebin {
namespace {

void wait_for_the_end(void* /*unused*/) {
  for (;;) pause();
}

}  // namespace

void restore_thread(PyThreadState* state) noexcept {
  pthread_cleanup_push(wait_for_the_end, nullptr);
  PyEval_RestoreThread(state);
  pthread_cleanup_pop(0);
}

}  // namespace edgebin
