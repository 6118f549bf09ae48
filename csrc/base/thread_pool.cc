// Protocol. The gate, one atomic word, holds the number of the current loop, whether the gate is
// open, and how many helpers are inside. The caller writes loop_ and shares_, then opens the gate
// with a new number (release). A helper that sees the new number enters if the gate is still open
// (acquire), takes indices until none are left, and leaves (release). The caller takes indices too,
// then closes the gate and waits until nobody is inside (acquire). After that no helper reads the
// loop any more and the next one may be written. The caller therefore never waits for a helper that
// got no core in time: such a helper finds the gate closed.
//
// Work stealing. Each worker first takes its own share of neighbouring indices, then what is left
// of the others' shares. A worker thus processes the same part of every image, layer after layer,
// in its own cache, and a slow worker does not delay the rest.
//
// Waiting. Both waits spin for a short time, because the next layer of a network follows within
// microseconds, and then sleep. A waker locks the mutex between its change and its notification, so
// that a sleeper cannot test the old state and miss the notification.
//
// Forking. All state is in a Team on the heap. fork() copies it in whatever state the helpers left
// it, but not the helpers: a mutex may stay locked, and destroying a condition variable waits for
// its sleepers. A child therefore only checks whether a team is its own, and never frees another.
#include "base/thread_pool.h"

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

#include "base/affinity.h"
#include "base/error.h"
#include "base/float_mode.h"

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

// Returns whether `done` became true within kSpinTime.
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

// Fields of the gate: helpers inside (16 bits), open or closed (1 bit), number of the loop.
constexpr std::uint64_t kInside = 0xffff;
constexpr std::uint64_t kOpen = kInside + 1;
constexpr std::uint64_t kLoop = 2 * kOpen;
static_assert(ThreadPool::kMaxThreads <= kInside);

constexpr int kAnyCore = -1;

// Returns a core for each thread, of those that the calling thread may use.
std::vector<int> cores_for(int threads) {
  std::vector<int> cores = usable_cores();
  if (cores.size() >= static_cast<std::size_t>(threads)) return cores;
  throw Error(ErrorKind::kOption,
              message("pin: expected at most ", cores.size(),
                      " threads, one for each core that this process may use, found ", threads));
}

// Differs between a process and all of its ancestors.
constinit std::atomic<std::uint32_t> forks{0};

// Registers the handler that counts forks; twice, harmlessly, if two threads are first to call
// this.
void count_forks() {
  constinit static std::atomic<bool> counting{false};
  if (counting.load(std::memory_order_acquire)) return;
  const auto count = [] { forks.fetch_add(1, std::memory_order_relaxed); };
  if (pthread_atfork(nullptr, nullptr, count) != 0) throw std::bad_alloc();
  counting.store(true, std::memory_order_release);
}

}  // namespace

class ThreadPool::Team {
 public:
  Team(int threads, bool pin);  // throws what ThreadPool throws
  ~Team() { stop(); }
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  // False in a forked child of the process that made the team: then nothing else may be called.
  bool is_here() const noexcept { return forks_ == forks.load(std::memory_order_relaxed); }

  void run(const Loop& loop) noexcept;

 private:
  void publish() noexcept;
  void take_indices(int worker) noexcept;
  void help(int worker, int core) noexcept;
  std::uint64_t await_loop_after(std::uint64_t seen) noexcept;
  bool enter(std::uint64_t loop) noexcept;
  void leave() noexcept;
  void close() noexcept;
  void stop() noexcept;

  const std::uint32_t forks_ = forks.load(std::memory_order_relaxed);

  // Written while the gate is closed and nobody is inside; read by helpers that have entered.
  Loop loop_{};
  bool stopping_ = false;
  bool spinning_ = false;

  std::atomic<std::uint64_t> gate_{0};  // its number rises by one with every loop, and to stop

  // The indices of one worker, on a cache line of its own.
  struct alignas(64) Share {
    std::atomic<int> next{0};  // the first index not taken yet
    int end = 0;
  };
  std::vector<Share> shares_;

  alignas(64) std::mutex mutex_;  // for sleeping and waking only
  std::condition_variable published_;
  std::condition_variable all_left_;

  std::vector<std::thread> helpers_;
};

ThreadPool::ThreadPool(int threads, bool pin) : threads_(threads) {
  if (threads < 1 || threads > kMaxThreads) {
    throw Error(ErrorKind::kOption,
                message("threads: expected 1 to ", kMaxThreads, ", found ", threads));
  }
  if (threads == 1) return;
  count_forks();
  team_ = std::make_unique<Team>(threads, pin);
}

ThreadPool::~ThreadPool() {
  if (team_ == nullptr || team_->is_here()) return;
  [[maybe_unused]] const Team* const leaked = team_.release();
}

void ThreadPool::run(const Loop& loop) noexcept {
  if (team_ != nullptr && loop.count > 1 && team_->is_here()) {
    team_->run(loop);
    return;
  }
  for (int index = 0; index < loop.count; ++index) loop.call(loop.context, index, 0);
}

ThreadPool::Team::Team(int threads, bool pin) : shares_(static_cast<std::size_t>(threads)) {
  const std::vector<int> cores = pin ? cores_for(threads) : std::vector<int>{};
  // With more threads than cores, a spinning thread would take a core from a working one.
  spinning_ = static_cast<unsigned>(threads) <= std::thread::hardware_concurrency();
  helpers_.reserve(static_cast<std::size_t>(threads) - 1);
  try {
    for (int worker = 1; worker < threads; ++worker) {
      const int core = pin ? cores[static_cast<std::size_t>(worker)] : kAnyCore;
      helpers_.emplace_back([this, worker, core] { help(worker, core); });
    }
  } catch (const std::exception& failure) {
    const std::size_t started = helpers_.size() + 1;
    stop();
    throw Error(ErrorKind::kOption, message("threads: expected ", threads, ", found ", started,
                                            " that the system can start (", failure.what(), ")"));
  }
}

void ThreadPool::Team::stop() noexcept {
  stopping_ = true;
  publish();
  for (std::thread& helper : helpers_) helper.join();
}

void ThreadPool::Team::run(const Loop& loop) noexcept {
  loop_ = loop;
  const auto workers = static_cast<std::int64_t>(shares_.size());
  for (std::int64_t worker = 0; worker < workers; ++worker) {
    Share& share = shares_[static_cast<std::size_t>(worker)];
    share.next.store(static_cast<int>(loop.count * worker / workers), std::memory_order_relaxed);
    share.end = static_cast<int>(loop.count * (worker + 1) / workers);
  }
  publish();
  take_indices(0);
  close();
}

void ThreadPool::Team::publish() noexcept {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const std::uint64_t loop = gate_.load(std::memory_order_relaxed) / kLoop;
    gate_.store((loop + 1) * kLoop + kOpen, std::memory_order_release);
  }
  published_.notify_all();
}

void ThreadPool::Team::take_indices(int worker) noexcept {
  const std::size_t workers = shares_.size();
  for (std::size_t i = 0; i < workers; ++i) {
    Share& share = shares_[(static_cast<std::size_t>(worker) + i) % workers];
    for (;;) {
      const int index = share.next.fetch_add(1, std::memory_order_relaxed);
      if (index >= share.end) break;
      loop_.call(loop_.context, index, worker);
    }
  }
}

void ThreadPool::Team::help(int worker, int core) noexcept {
  set_plain_floats();
  if (core != kAnyCore) pin_to_core(core);
  std::uint64_t seen = 0;
  for (;;) {
    seen = await_loop_after(seen);
    if (!enter(seen)) continue;
    if (stopping_) return;
    take_indices(worker);
    leave();
  }
}

std::uint64_t ThreadPool::Team::await_loop_after(std::uint64_t seen) noexcept {
  std::uint64_t loop = seen;
  const auto is_new = [&] {
    loop = gate_.load(std::memory_order_relaxed) / kLoop;
    return loop != seen;
  };
  if (spinning_ && spin_until(is_new)) return loop;
  std::unique_lock<std::mutex> lock(mutex_);
  published_.wait(lock, is_new);
  return loop;
}

bool ThreadPool::Team::enter(std::uint64_t loop) noexcept {
  std::uint64_t gate = gate_.load(std::memory_order_relaxed);
  while (gate / kLoop == loop && (gate & kOpen) != 0) {
    if (gate_.compare_exchange_weak(gate, gate + 1, std::memory_order_acquire,
                                    std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

void ThreadPool::Team::leave() noexcept {
  const std::uint64_t gate = gate_.fetch_sub(1, std::memory_order_release) - 1;
  if ((gate & (kOpen + kInside)) != 0) return;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
  }
  all_left_.notify_one();
}

void ThreadPool::Team::close() noexcept {
  const std::uint64_t gate = gate_.fetch_and(~kOpen, std::memory_order_acquire);
  if ((gate & kInside) == 0) return;
  const auto left = [&] { return (gate_.load(std::memory_order_acquire) & kInside) == 0; };
  if (spinning_ && spin_until(left)) return;
  std::unique_lock<std::mutex> lock(mutex_);
  all_left_.wait(lock, left);
}

}  // namespace edgebin
