// One model shared by many threads and processes, and many models at once: ten threads run
// different images through one model, others load and unload models meanwhile, and a process forks
// with a model loaded. Every result equals that of a single thread.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "base/float_bits.h"
#include "base/sanitizers.h"
#include "edgebin/model.h"
#include "runtime/corpus.h"

namespace edgebin {
namespace {

constexpr int kCallers = 10;
constexpr int kRounds = 50;
constexpr std::size_t kEvery = 24;  // of the corpus' networks

using Bits = FloatBits;

std::vector<std::byte> image_of(const Model& model, int caller) {
  std::vector<std::byte> image(input_bytes(model.info()));
  for (std::size_t i = 0; i < image.size(); ++i) {
    image[i] = static_cast<std::byte>(i * (2 * caller + 1) + static_cast<std::size_t>(caller));
  }
  return image;
}

Bits result_of(const Model& model, int caller) {
  return bits_of(run_bytes(model, image_of(model, caller), 1));
}

std::vector<Bits> results_alone(const std::string& path) {
  const Model model(path);
  std::vector<Bits> results;
  for (int caller = 0; caller < kCallers; ++caller) results.push_back(result_of(model, caller));
  return results;
}

// Calls act(caller) in as many threads at the same time.
template <class Act>
void in_threads(const Act& act) {
  std::atomic<int> ready{0};
  std::vector<std::thread> threads;
  for (int caller = 0; caller < kCallers; ++caller) {
    threads.emplace_back([&, caller] {
      ++ready;
      while (ready < kCallers) std::this_thread::yield();
      act(caller);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Sharing, TenThreadsRunDifferentImagesThroughOneModel) {
  const auto models = corpus();
  EDGEBIN_SKIP_WITHOUT_CORPUS(models);
  for (std::size_t i = 0; i < models.size(); i += kEvery) {
    const std::vector<Bits> expected = results_alone(models[i].string());
    for (const int threads : {1, 2}) {
      const Model model(models[i].string(), {.isa = {}, .threads = threads, .pin = false});
      std::vector<int> wrong(kCallers);
      in_threads([&](int caller) {
        for (int round = 0; round < kRounds; ++round) {
          const auto at = static_cast<std::size_t>(caller);
          wrong[at] += result_of(model, caller) != expected[at] ? 1 : 0;
        }
      });
      EXPECT_EQ(wrong, std::vector<int>(kCallers)) << models[i];
    }
  }
}

TEST(Sharing, ThreadsLoadAndUnloadBesideEachOther) {
  const auto models = corpus();
  EDGEBIN_SKIP_WITHOUT_CORPUS(models);
  const std::string path = models.back().string();
  const std::vector<Bits> expected = results_alone(path);
  std::vector<int> wrong(kCallers);
  in_threads([&](int caller) {
    for (int round = 0; round < kRounds; ++round) {
      const Model model(path, {.isa = {}, .threads = 1 + round % 3, .pin = false});
      const auto at = static_cast<std::size_t>(caller);
      wrong[at] += result_of(model, caller) != expected[at] ? 1 : 0;
    }
  });
  EXPECT_EQ(wrong, std::vector<int>(kCallers));
}

#if !EDGEBIN_THREAD_SANITIZER  // which supports no threads in a child of threads

// With one thread only under the address sanitizer: a thread that begins allocates, and it does not
// keep its allocator's locks from being forked while they are held.
#if EDGEBIN_ADDRESS_SANITIZER
constexpr int kMaxThreads = 1;
#else
constexpr int kMaxThreads = 3;
#endif

bool in_child(const Model& model, const std::vector<Bits>& expected) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);  // a child that hangs dies of it
    bool right = true;
    for (int caller = 0; caller < kCallers; ++caller) {
      right = right && result_of(model, caller) == expected[static_cast<std::size_t>(caller)];
    }
    _exit(right ? 0 : 1);
  }
  int status = 0;
  return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
         WEXITSTATUS(status) == 0;
}

TEST(Sharing, ForkedChildAndParentRunOn) {
  const auto models = corpus();
  EDGEBIN_SKIP_WITHOUT_CORPUS(models);
  for (std::size_t i = 0; i < models.size(); i += kEvery) {
    const std::vector<Bits> expected = results_alone(models[i].string());
    for (int threads = 1; threads <= kMaxThreads; ++threads) {
      const Model model(models[i].string(), {.isa = {}, .threads = threads, .pin = false});
      EXPECT_TRUE(in_child(model, expected)) << models[i] << ", before it ran";
      EXPECT_EQ(result_of(model, 3), expected[3]) << models[i];
      EXPECT_TRUE(in_child(model, expected)) << models[i] << ", after it ran";
      EXPECT_EQ(result_of(model, 4), expected[4]) << models[i];
    }
  }
}

#endif  // !EDGEBIN_THREAD_SANITIZER

}  // namespace
}  // namespace edgebin
