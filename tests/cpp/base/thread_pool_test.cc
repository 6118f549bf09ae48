// The thread pool: each index once, shares and pinning, helpers that sleep, are late or get no
// core, forked children, and impossible counts.
#include "base/thread_pool.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/sanitizers.h"

namespace edgebin {
namespace {

// Plain, unguarded integers: the thread sanitizer sees two threads on one index or one worker.
void expect_each_index_once(ThreadPool& pool, int count) {
  std::vector<int> visits(static_cast<std::size_t>(count));
  std::vector<int> by_worker(static_cast<std::size_t>(pool.threads()));
  pool.parallel_for(count, [&](int index, int worker) {
    ++visits.at(static_cast<std::size_t>(index));
    ++by_worker.at(static_cast<std::size_t>(worker));
  });
  EXPECT_EQ(visits, std::vector<int>(static_cast<std::size_t>(count), 1));
  EXPECT_EQ(std::accumulate(by_worker.begin(), by_worker.end(), 0), count);
}

TEST(ThreadPool, RunsEachIndexOnce) {
  for (int threads = 1; threads <= 8; ++threads) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (int count = 0; count <= 40; ++count) expect_each_index_once(pool, count);
    for (const int count : {64, 127, 500, 1000}) expect_each_index_once(pool, count);
  }
}

std::vector<int> allowed_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  EXPECT_EQ(sched_getaffinity(0, sizeof set, &set), 0);
  std::vector<int> cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &set)) cores.push_back(core);
  }
  return cores;
}

TEST(ThreadPool, PinsEachHelperToACoreOfItsOwn) {
  const std::vector<int> cores = allowed_cores();
  if (cores.size() < 2) GTEST_SKIP() << "needs two cores";
  const int threads = static_cast<int>(std::min<std::size_t>(cores.size(), 4));
  ThreadPool pool(threads, true);
  std::vector<std::vector<int>> found(static_cast<std::size_t>(threads));
  std::atomic<int> arrived{0};
  pool.parallel_for(threads, [&](int, int worker) {
    ++arrived;
    while (arrived.load() < threads) std::this_thread::yield();  // so that each worker takes one
    found.at(static_cast<std::size_t>(worker)) = allowed_cores();
  });
  EXPECT_EQ(found[0], cores);
  for (int worker = 1; worker < threads; ++worker) {
    const auto at = static_cast<std::size_t>(worker);
    EXPECT_EQ(found[at], std::vector<int>{cores[at]}) << "worker " << worker;
  }
}

TEST(ThreadPool, RefusesToPinMoreThreadsThanCores) {
  const int cores = static_cast<int>(allowed_cores().size());
  if (cores >= ThreadPool::kMaxThreads) GTEST_SKIP() << "more cores than a pool takes threads";
  try {
    const ThreadPool pool(cores + 1, true);
    FAIL() << "was not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kOption);
    EXPECT_EQ(std::string(error.what()),
              message("pin: expected at most ", cores,
                      " threads, one for each core that this process may use, found ", cores + 1));
  }
}

TEST(ThreadPool, OneThreadIsTheCallerInOrder) {
  ThreadPool pool(1);
  std::vector<int> order;
  pool.parallel_for(4, [&, caller = std::this_thread::get_id()](int index, int worker) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    EXPECT_EQ(worker, 0);
    order.push_back(index);
  });
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3}));
}

TEST(ThreadPool, AllThreadsTakePart) {
  ThreadPool pool(3);
  std::atomic<int> inside{0};
  pool.parallel_for(3, [&](int, int) {  // ends only if three bodies run at the same time
    ++inside;
    while (inside.load() < 3) std::this_thread::yield();
  });
  EXPECT_EQ(inside.load(), 3);
}

TEST(ThreadPool, EachWorkerBeginsWithItsOwnShare) {
  ThreadPool pool(3);
  std::vector<int> first(3, -1);  // by worker
  std::atomic<int> inside{0};
  pool.parallel_for(9, [&](int index, int worker) {
    int& own = first[static_cast<std::size_t>(worker)];
    if (own >= 0) return;
    own = index;
    ++inside;
    while (inside.load() < 3) std::this_thread::yield();  // nobody is late
  });
  EXPECT_EQ(first, (std::vector<int>{0, 3, 6}));
}

// Each loop reads what other threads wrote in the loop before it.
TEST(ThreadPool, ServesThousandsOfLoops) {
  for (const int threads : {2, 4}) {
    ThreadPool pool(threads);
    std::vector<int> now(16);
    std::vector<int> next(16);
    for (int loop = 0; loop < 5000; ++loop) {
      pool.parallel_for(16, [&](int index, int) {
        next[static_cast<std::size_t>(index)] = now[static_cast<std::size_t>(15 - index)] + 1;
      });
      now.swap(next);
    }
    EXPECT_EQ(now, std::vector<int>(16, 5000));
  }
}

TEST(ThreadPool, WakesHelpersThatSleep) {
  ThreadPool pool(4);
  for (int loop = 0; loop < 5; ++loop) {
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    expect_each_index_once(pool, 100);
  }
}

TEST(ThreadPool, WaitsForAHelperThatTakesLong) {
  ThreadPool pool(2);
  std::atomic<int> inside{0};
  int done = 0;
  pool.parallel_for(2, [&](int, int worker) {
    ++inside;
    while (inside.load() < 2) std::this_thread::yield();
    if (worker == 1) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      done = 1;
    }
  });
  EXPECT_EQ(done, 1);
}

TEST(ThreadPool, ABodyMayUseAPoolOfItsOwn) {
  ThreadPool outer(3);
  std::vector<int> sums(6);
  outer.parallel_for(6, [&](int index, int) {
    ThreadPool inner(2);
    std::vector<int> parts(10);
    inner.parallel_for(10, [&](int part, int) { parts[static_cast<std::size_t>(part)] = part; });
    sums[static_cast<std::size_t>(index)] = std::accumulate(parts.begin(), parts.end(), index);
  });
  EXPECT_EQ(sums, (std::vector<int>{45, 46, 47, 48, 49, 50}));
}

TEST(ThreadPool, MayBeDestroyedAtOnce) {
  for (int turn = 0; turn < 100; ++turn) {
    const auto pool = std::make_unique<ThreadPool>(4);
    if (turn % 2 == 0) pool->parallel_for(4, [](int, int) {});
  }
}

TEST(ThreadPool, TakesConstBodies) {
  ThreadPool pool(2);
  std::atomic<int> sum{0};
  const auto add = [&sum](int index, int) { sum += index; };
  pool.parallel_for(10, add);
  EXPECT_EQ(sum.load(), 45);
}

// The thread sanitizer supports neither threads in a child of threads, nor signals at once.
#if !EDGEBIN_THREAD_SANITIZER

// Whether `body` ends, and without a failed expectation, in a forked child of this thread.
template <class Body>
bool passes_in_child(const Body& body) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);  // a child that hangs dies of it
    body();
    std::fflush(nullptr);
    _exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
         WEXITSTATUS(status) == 0;
}

// Returns when every helper has begun to work. A thread that begins allocates, and the address
// sanitizer does not keep its allocator's locks from being forked while they are held.
void begin_all(ThreadPool& pool) {
  std::atomic<int> inside{0};
  pool.parallel_for(pool.threads(), [&](int, int) {
    ++inside;
    while (inside.load() < pool.threads()) std::this_thread::yield();
  });
}

void expect_order_of_one_thread(ThreadPool& pool) {
  std::vector<int> order;
  pool.parallel_for(4, [&](int index, int worker) {
    EXPECT_EQ(worker, 0);
    order.push_back(index);
  });
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3}));
}

// Both bodies run at the same time, or neither ends. Returns the helper's number for the system.
pid_t helper_of(ThreadPool& pool) {
  std::atomic<int> inside{0};
  std::atomic<pid_t> helper{0};
  pool.parallel_for(2, [&](int, int worker) {
    if (worker == 1) helper = static_cast<pid_t>(syscall(SYS_gettid));
    ++inside;
    while (inside.load() < 2) std::this_thread::yield();
  });
  return helper;
}

std::atomic<bool> held{false};
std::atomic<bool> let_go{false};

// A helper in a signal's handler stands for one that gets no core.
TEST(ThreadPool, DoesNotWaitForAHelperThatDoesNotCome) {
  alarm(60);  // a hang ends here
  ThreadPool pool(2);
  const pid_t helper = helper_of(pool);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // it sleeps now and holds no lock
  struct sigaction action = {};
  action.sa_handler = [](int) {
    held = true;
    while (!let_go) poll(nullptr, 0, 1);
  };
  ASSERT_EQ(sigaction(SIGUSR1, &action, nullptr), 0);
  ASSERT_EQ(syscall(SYS_tgkill, getpid(), helper, SIGUSR1), 0);
  while (!held) std::this_thread::yield();
  for (int loop = 0; loop < 3; ++loop) expect_each_index_once(pool, 100);
  let_go = true;
  EXPECT_EQ(helper_of(pool), helper) << "it comes again";
  alarm(0);
}

TEST(ThreadPool, AForkedChildRunsLoopsAlone) {
  for (const int pause : {0, 3}) {  // helpers spin, helpers sleep
    ThreadPool pool(3);
    begin_all(pool);
    std::this_thread::sleep_for(std::chrono::milliseconds(pause));
    EXPECT_TRUE(passes_in_child([&] {
      EXPECT_EQ(pool.threads(), 3);
      for (int loop = 0; loop < 3; ++loop) expect_order_of_one_thread(pool);
    }));
    expect_each_index_once(pool, 100);
  }
}

TEST(ThreadPool, AForkedChildDestroysAPool) {
  for (const int pause : {0, 3}) {
    auto pool = std::make_unique<ThreadPool>(3);
    begin_all(*pool);
    std::this_thread::sleep_for(std::chrono::milliseconds(pause));
    EXPECT_TRUE(passes_in_child([&] { pool.reset(); }));
    expect_each_index_once(*pool, 100);
  }
}

TEST(ThreadPool, AForkMayComeInTheMiddleOfALoop) {
  auto pool = std::make_unique<ThreadPool>(2);
  std::atomic<bool> begun{false};
  std::atomic<bool> enough{false};
  std::thread caller([&] {
    begin_all(*pool);
    begun = true;
    while (!enough) pool->parallel_for(50, [](int, int) {});
  });
  while (!begun) std::this_thread::yield();
  for (int turn = 0; turn < 20 && !HasFailure(); ++turn) {
    EXPECT_TRUE(passes_in_child([&] {
      expect_order_of_one_thread(*pool);
      pool.reset();
    }));
  }
  enough = true;
  caller.join();
}

TEST(ThreadPool, AForkedChildMakesPoolsOfItsOwn) {
  ThreadPool of_parent(2);
  begin_all(of_parent);
  EXPECT_TRUE(passes_in_child([&] {
    auto pool = std::make_unique<ThreadPool>(2);
    begin_all(*pool);
    EXPECT_TRUE(passes_in_child([&] {
      expect_order_of_one_thread(of_parent);
      expect_order_of_one_thread(*pool);
      pool.reset();
    }));
    expect_each_index_once(*pool, 100);
    pool.reset();
  }));
}

#endif  // !EDGEBIN_THREAD_SANITIZER

TEST(ThreadPool, RefusesImpossibleCounts) {
  for (const int threads : {-1, 0, ThreadPool::kMaxThreads + 1}) {
    try {
      ThreadPool pool(threads);
      ADD_FAILURE() << threads << " threads accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kOption);
      EXPECT_EQ(error.what(), "threads: expected 1 to 256, found " + std::to_string(threads));
    }
  }
}

}  // namespace
}  // namespace edgebin
