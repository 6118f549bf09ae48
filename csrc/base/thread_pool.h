// Fork-join parallelism: one parallel loop at a time over a fixed set of threads. There is no
// queue, there are no futures, no nested loops on one pool and no exceptions out of a loop body.
//
// Threads take indices dynamically, so the thread that runs an index differs from run to run. A
// loop whose bodies write to disjoint memory gives the same result for every number of threads;
// `worker` may be used to select scratch memory only.
//
// A forked child has none of its parent's threads. There, the loops of a pool made by the parent
// run on the calling thread alone. Pools that the child makes work as usual.
#ifndef EDGEBIN_BASE_THREAD_POOL_H_
#define EDGEBIN_BASE_THREAD_POOL_H_

#include <memory>
#include <type_traits>

namespace edgebin {

class ThreadPool {
 public:
  static constexpr int kMaxThreads = 256;

  // `threads` includes the caller of parallel_for: 1 starts no thread.
  // With `pin` each started thread is pinned to a core of its own, in the order of the cores that
  // the calling thread may use. The first core is left to the caller, whose affinity is unchanged.
  // Throws Error(kOption) if `threads` is not 1..kMaxThreads, if there are fewer cores to pin to,
  // or if the system cannot start a thread.
  explicit ThreadPool(int threads, bool pin = false);
  ~ThreadPool();  // in a forked child, leaks the state that the parent's threads shared
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const noexcept { return threads_; }

  // Calls body(int index, int worker) once for every 0 <= index < count and returns when all calls
  // have returned; their writes are then visible. Calls that overlap in time have different
  // workers, 0 <= worker < threads(). Neighbouring indices go to the same worker unless another one
  // is idle. Allocates nothing. One caller at a time, and not from a body. `count` is at most 2^30.
  // A child forked inside a body must not return from it.
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
