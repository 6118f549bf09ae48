#include "runtime/session_pool.h"

#include <utility>

namespace edgebin {

SessionPool::SessionPool(std::shared_ptr<const Program> program) : program_(std::move(program)) {
  give_back(std::make_unique<Session>(program_));
}

std::unique_ptr<Session> SessionPool::borrow() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Session> session = std::move(idle_.back());
      idle_.pop_back();
      return session;
    }
  }
  return std::make_unique<Session>(program_);
}

void SessionPool::give_back(std::unique_ptr<Session> session) {
  const std::lock_guard<std::mutex> lock(mutex_);
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

}  // namespace edgebin
