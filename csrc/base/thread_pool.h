// Fork and join: one loop at a time, over a fixed set of threads. It refuses everything else: no
// queue, no futures, no nesting of loops on one pool, no exceptions out of a loop's body.
//
// Indices are handed out one by one as threads ask for them, so the thread that runs an index
// differs from run to run. A loop whose bodies write to disjoint places therefore gives the same
// result for every number of threads; a loop that depends on `worker` beyond scratch does not.
#ifndef EDGEBIN_BASE_THREAD_POOL_H_
#define EDGEBIN_BASE_THREAD_POOL_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

namespace edgebin {

class ThreadPool {
 public:
  static constexpr int kMaxThreads = 256;

  // `threads` counts the caller of parallel_for: 1 starts no thread.
  // Throws Error(kOption) if it is not 1..kMaxThreads or the system refuses a thread.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const noexcept { return static_cast<int>(helpers_.size()) + 1; }

  // Calls body(int index, int worker) once for every 0 <= index < count and returns when all are
  // done; all their writes are then visible. No two bodies that run at the same time have the same
  // worker, 0 <= worker < threads(). Allocates nothing. One caller at a time; not from a body;
  // count at most 2^30.
  template <class Body>
  void parallel_for(int count, Body&& body) noexcept {
    using Plain = std::remove_reference_t<Body>;
    const auto call = [](void* context, int index, int worker) {
      (*static_cast<Plain*>(context))(index, worker);
    };
    run({call, const_cast<std::remove_const_t<Plain>*>(std::addressof(body)), count});
  }

 private:
  struct Loop {
    void (*call)(void* context, int index, int worker);
    void* context;
    int count;
  };

  void run(const Loop& loop) noexcept;
  void publish() noexcept;
  void take_indices(int worker) noexcept;
  void help(int worker) noexcept;
  void await_generation_after(std::uint32_t seen) noexcept;
  void await_helpers() noexcept;
  void stop() noexcept;

  // Written while no helper is busy; read by helpers after they have seen a new generation.
  Loop loop_{};
  bool stopping_ = false;
  bool spinning_ = false;

  std::atomic<std::uint32_t> generation_{0};  // goes up by one with every loop, and to stop
  std::atomic<int> busy_{0};                  // helpers that have not yet left the current loop
  // The first index that nobody has taken; on a cache line apart from what others spin on.
  alignas(64) std::atomic<int> next_{0};

  alignas(64) std::mutex mutex_;  // for sleeping only
  std::condition_variable published_;
  std::condition_variable all_left_;

  std::vector<std::thread> helpers_;
};

}  // namespace edgebin

#endif  // EDGEBIN_BASE_THREAD_POOL_H_
