// The protocol. The caller writes loop_, next_ and busy_, then raises generation_ (release). Every
// helper sees that (acquire), takes indices until there are none, and leaves by lowering busy_
// (release). The caller takes indices too and then waits for busy_ == 0 (acquire), after which no
// helper reads the loop any more and the next one may be written.
//
// Both waits spin for a little while, since the next layer of a network follows within
// microseconds, and then sleep. A waker passes through the mutex between its change and its
// notification, so that a sleeper cannot test the old state and miss the notification.
#include "base/thread_pool.h"

#include <chrono>
#include <exception>

#include "base/error.h"

namespace edgebin {
namespace {

constexpr std::chrono::microseconds kSpinTime{50};
constexpr int kTestsPerClock = 32;

inline void relax_core() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__ARM_ARCH_7A__)
  asm volatile("yield");
#endif
}

// Whether `done` came true within kSpinTime.
template <class Condition>
bool spin_until(const Condition& done) noexcept {
  const auto end = std::chrono::steady_clock::now() + kSpinTime;
  do {
    for (int test = 0; test < kTestsPerClock; ++test) {
      if (done()) return true;
      relax_core();
    }
  } while (std::chrono::steady_clock::now() < end);
  return false;
}

}  // namespace

ThreadPool::ThreadPool(int threads) {
  if (threads < 1 || threads > kMaxThreads) {
    throw Error(ErrorKind::kOption,
                message("threads: expected 1 to ", kMaxThreads, ", found ", threads));
  }
  // With more threads than cores a spinning thread keeps a working one from its core.
  spinning_ = static_cast<unsigned>(threads) <= std::thread::hardware_concurrency();
  helpers_.reserve(static_cast<std::size_t>(threads) - 1);
  try {
    for (int worker = 1; worker < threads; ++worker) {
      helpers_.emplace_back([this, worker] { help(worker); });
    }
  } catch (const std::exception& refusal) {
    const std::size_t started = helpers_.size() + 1;
    stop();
    throw Error(ErrorKind::kOption,
                message("threads: expected to start ", threads, ", found room for ", started, " (",
                        refusal.what(), ")"));
  }
}

ThreadPool::~ThreadPool() { stop(); }

void ThreadPool::stop() noexcept {
  stopping_ = true;
  publish();
  for (std::thread& helper : helpers_) helper.join();
}

void ThreadPool::run(const Loop& loop) noexcept {
  if (helpers_.empty() || loop.count <= 1) {
    for (int index = 0; index < loop.count; ++index) loop.call(loop.context, index, 0);
    return;
  }
  loop_ = loop;
  next_.store(0, std::memory_order_relaxed);
  busy_.store(static_cast<int>(helpers_.size()), std::memory_order_relaxed);
  publish();
  take_indices(0);
  await_helpers();
}

void ThreadPool::publish() noexcept {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    generation_.fetch_add(1, std::memory_order_release);
  }
  published_.notify_all();
}

void ThreadPool::take_indices(int worker) noexcept {
  for (;;) {
    const int index = next_.fetch_add(1, std::memory_order_relaxed);
    if (index >= loop_.count) return;
    loop_.call(loop_.context, index, worker);
  }
}

void ThreadPool::help(int worker) noexcept {
  for (std::uint32_t seen = 0;; ++seen) {
    await_generation_after(seen);
    if (stopping_) return;
    take_indices(worker);
    if (busy_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      {
        const std::lock_guard<std::mutex> lock(mutex_);
      }
      all_left_.notify_one();
    }
  }
}

void ThreadPool::await_generation_after(std::uint32_t seen) noexcept {
  const auto raised = [&] { return generation_.load(std::memory_order_acquire) != seen; };
  if (spinning_ && spin_until(raised)) return;
  std::unique_lock<std::mutex> lock(mutex_);
  published_.wait(lock, raised);
}

void ThreadPool::await_helpers() noexcept {
  const auto left = [&] { return busy_.load(std::memory_order_acquire) == 0; };
  if (spinning_ && spin_until(left)) return;
  std::unique_lock<std::mutex> lock(mutex_);
  all_left_.wait(lock, left);
}

}  // namespace edgebin
