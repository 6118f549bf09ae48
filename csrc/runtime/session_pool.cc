// The lock of the idle sessions is one for all pools, held while one is pushed or popped. A fork
// takes it as well: else a child whose parent held it in another thread would wait for ever.
#include "runtime/session_pool.h"

#include <pthread.h>

#include <mutex>
#include <new>
#include <utility>

#include "runtime/fingerprint/check.h"

namespace edgebin {
namespace {

constinit std::mutex idle_lock;

void free_lock_in_children() {
  // Once; where it throws, the next caller tries again.
  [[maybe_unused]] static const bool done = [] {
    const int refused = pthread_atfork([] { idle_lock.lock(); }, [] { idle_lock.unlock(); },
                                       [] { idle_lock.unlock(); });
    if (refused != 0) throw std::bad_alloc();
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

void SessionPool::run_batch(const std::uint8_t* pictures, std::int64_t count,
                            float* const* outputs) {
  std::unique_ptr<Session> session = borrow();
  session->run_batch(pictures, count, outputs);
  give_back(std::move(session));
}

void SessionPool::profile(const std::uint8_t* picture, float* const* outputs,
                          std::span<std::chrono::nanoseconds> times) {
  std::unique_ptr<Session> session = borrow();
  session->profile(picture, outputs, times);
  give_back(std::move(session));
}

std::optional<Difference> SessionPool::verify() {
  std::unique_ptr<Session> session = borrow();
  std::optional<Difference> difference = run_self_test(*session);
  give_back(std::move(session));
  return difference;
}

}  // namespace edgebin
