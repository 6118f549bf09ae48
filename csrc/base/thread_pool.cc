// The protocol. A gate holds the number of the loop, whether it is open, and how many helpers are
// inside. The caller writes loop_ and shares_, then opens the gate with a new number (release). A
// helper that sees the new number enters if the gate is still open (acquire), takes indices until
// there are none, and leaves (release). The caller takes indices too, closes the gate and waits
// until nobody is inside (acquire), after which no helper reads the loop any more and the next one
// may be written. So a helper that gets no core in time is not waited for: it finds the gate
// closed.
//
// Each worker first takes its own share of the indices, neighbours, and then what others have left.
// So a worker meets the same part of every picture, layer after layer, in its own cache, and a slow
// one keeps nobody waiting.
//
// Both waits spin for a little while, since the next layer of a network follows within
// microseconds, and then sleep. A waker passes through the mutex between its change and its
// notification, so that a sleeper cannot test the old state and miss the notification.
//
// All of this is a Team, on the heap. A fork copies it in the midst of whatever its helpers do, but
// not the helpers: a mutex may stay locked, a condition variable waits for its sleepers when it is
// destroyed. So a child reads of its parent's team only that it is one, and never frees it.
#include "base/thread_pool.h"

#include <pthread.h>
#include <sched.h>

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

// Parts of the gate: helpers inside, open or closed, number of the loop.
constexpr std::uint64_t kInside = 0xffff;
constexpr std::uint64_t kOpen = kInside + 1;
constexpr std::uint64_t kLoop = 2 * kOpen;
static_assert(ThreadPool::kMaxThreads <= kInside);

constexpr int kAnyCore = -1;

// One core for each of so many threads, of those that the calling thread may use.
std::vector<int> cores_for(int threads) {
  std::vector<int> cores;
#if defined(__linux__)
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
    for (int core = 0; core < CPU_SETSIZE; ++core) {
      if (CPU_ISSET(core, &allowed)) cores.push_back(core);
    }
  }
#endif
  if (cores.size() < static_cast<std::size_t>(threads)) {
    throw Error(ErrorKind::kOption, message("pin: expected at most ", cores.size(),
                                            " threads, one for each core that this process may "
                                            "use, found ",
                                            threads));
  }
  return cores;
}

// Where the system refuses, the thread stays where the system puts it: results do not depend on it.
void stay_on([[maybe_unused]] int core) noexcept {
#if defined(__linux__)
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(core, &one);
  sched_setaffinity(0, sizeof one, &one);
#endif
}

// Differs between a process and all that it was forked from.
constinit std::atomic<std::uint32_t> forks{0};

// From now on every fork counts; more than once, if two threads are the first to call this.
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
  Team(int threads, bool pin);  // throws as ThreadPool does
  ~Team() { stop(); }
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  // False in a child of the process that made the team; nothing else may then be called.
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

  std::atomic<std::uint64_t> gate_{0};  // its number goes up by one with every loop, and to stop

  // A worker's indices; each on a cache line of its own.
  struct alignas(64) Share {
    std::atomic<int> next{0};  // the first that nobody has taken
    int end = 0;
  };
  std::vector<Share> shares_;

  alignas(64) std::mutex mutex_;  // for sleeping only
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
  // With more threads than cores a spinning thread keeps a working one from its core.
  spinning_ = static_cast<unsigned>(threads) <= std::thread::hardware_concurrency();
  helpers_.reserve(static_cast<std::size_t>(threads) - 1);
  try {
    for (int worker = 1; worker < threads; ++worker) {
      const int core = pin ? cores[static_cast<std::size_t>(worker)] : kAnyCore;
      helpers_.emplace_back([this, worker, core] { help(worker, core); });
    }
  } catch (const std::exception& refusal) {
    const std::size_t started = helpers_.size() + 1;
    stop();
    throw Error(ErrorKind::kOption,
                message("threads: expected to start ", threads, ", found room for ", started, " (",
                        refusal.what(), ")"));
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
  if (core != kAnyCore) stay_on(core);
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
