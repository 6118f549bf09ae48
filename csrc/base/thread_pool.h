// Fork and join: one loop at a time, over a fixed set of threads. It refuses everything else: no
// queue, no futures, no nesting of loops on one pool, no exceptions out of a loop's body.
//
// Indices are handed out one by one as threads ask for them, so the thread that runs an index
// differs from run to run. A loop whose bodies write to disjoint places therefore gives the same
// result for every number of threads; a loop that depends on `worker` beyond scratch does not.
//
// A forked child has none of its parent's threads: there the caller runs such a pool's loops alone.
// Pools that the child makes itself are like any other.
#ifndef EDGEBIN_BASE_THREAD_POOL_H_
#define EDGEBIN_BASE_THREAD_POOL_H_

#include <memory>
#include <type_traits>

namespace edgebin {

class ThreadPool {
 public:
  static constexpr int kMaxThreads = 256;

  // `threads` counts the caller of parallel_for: 1 starts no thread.
  // With `pin` each started thread stays on a core of its own, of those that the calling thread may
  // use, in their order; the first is left to the caller, whose own placement is not changed.
  // Throws Error(kOption) if `threads` is not 1..kMaxThreads, more than there are cores to pin to,
  // or the system refuses a thread.
  explicit ThreadPool(int threads, bool pin = false);
  ~ThreadPool();  // in a forked child, leaks what the parent's threads shared
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const noexcept { return threads_; }

  // Calls body(int index, int worker) once for every 0 <= index < count and returns when all are
  // done; all their writes are then visible. No two bodies that run at the same time have the same
  // worker, 0 <= worker < threads(); neighbouring indices go to one worker unless others have
  // nothing left to do. Allocates nothing. One caller at a time; not from a body;
  // count at most 2^30. A child that is forked in a body must not return from it.
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

  class Team;

  void run(const Loop& loop) noexcept;

  int threads_;
  std::unique_ptr<Team> team_;  // none for one thread
};

}  // namespace edgebin

#endif  // EDGEBIN_BASE_THREAD_POOL_H_
