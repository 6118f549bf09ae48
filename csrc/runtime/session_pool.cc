// One lock guards the idle sessions of all pools; it is held only to push or pop one. fork() takes
// it too: otherwise a child whose parent held it in another thread would wait forever.
#include "runtime/session_pool.h"

#include <pthread.h>

#include <mutex>
#include <new>
#include <utility>

#include "runtime/fingerprint/check.h"

namespace edgebin {
namespace {

constinit std::mutex idle_lock;

// Registers the fork handlers once. If that throws, the next caller tries again.
void free_lock_in_children() {
  [[maybe_unused]] static const bool done = [] {
    const int error = pthread_atfork([] { idle_lock.lock(); }, [] { idle_lock.unlock(); },
                                     [] { idle_lock.unlock(); });
    if (error != 0) throw std::bad_alloc();
    return true;
  }();
}

}  // namespace

SessionPool::SessionPool(std::shared_ptr<const Program> program) : program_(std::move(program)) {
  free_lock_in_children();
  give_back(std::make_unique<Session>(program_));
}

std::unique_ptr<Session> SessionPool::borrow() {
  {
    const std::lock_guard<std::mutex> lock(idle_lock);
    if (!idle_.empty()) {
      std::unique_ptr<Session> session = std::move(idle_.back());
      idle_.pop_back();
      return session;
    }
  }
  return std::make_unique<Session>(program_);
}

void SessionPool::give_back(std::unique_ptr<Session> session) {
  const std::lock_guard<std::mutex> lock(idle_lock);
  idle_.push_back(std::move(session));
}

void SessionPool::run_batch(const std::byte* const* inputs, std::int64_t count,
                            float* const* outputs) {
  std::unique_ptr<Session> session = borrow();
  session->run_batch(inputs, count, outputs);
  give_back(std::move(session));
}

void SessionPool::profile(const std::byte* const* inputs, float* const* outputs,
                          std::span<std::chrono::nanoseconds> times) {
  std::unique_ptr<Session> session = borrow();
  session->profile(inputs, outputs, times);
  give_back(std::move(session));
}

std::optional<Difference> SessionPool::verify() {
  std::unique_ptr<Session> session = borrow();
  std::optional<Difference> difference = check_fingerprint(*session);
  give_back(std::move(session));
  return difference;
}

}  // namespace edgebin
