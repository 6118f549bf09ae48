// Loads, runs and drops a model repeatedly, ten thousand times if every case is tried: afterwards
// no more memory is allocated than before. (The address sanitizer also finds leaks outside operator
// new when the program ends.)
#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <vector>

#include "attack/every.h"
#include "attack/memory.h"
#include "edgebin/model.h"
#include "runtime/corpus.h"

namespace edgebin::attack {
namespace {

constexpr int kTurns = 10'000;

void load_run_unload(const std::filesystem::path& path, int threads) {
  const Model model(path.string(), {.isa = {}, .threads = threads, .pin = false});
  run_bytes(model, std::vector<std::byte>(input_bytes(model.info()), std::byte{100}), 1);
}

TEST(Turns, LeaveNothingBehind) {
  const auto models = corpus();
  EDGEBIN_SKIP_WITHOUT_CORPUS(models);
  for (int threads = 1; threads <= 3; ++threads) load_run_unload(models[0], threads);
  const Held before = held();
  const int turns = kTurns / every();
  for (int turn = 0; turn < turns; ++turn) {
    load_run_unload(models[static_cast<std::size_t>(turn) % models.size()], 1 + turn % 3);
  }
  EXPECT_EQ(held().blocks, before.blocks);
  EXPECT_EQ(held().bytes, before.bytes);
  std::cout << turns << " times loaded, run and unloaded\n";
}

}  // namespace
}  // namespace edgebin::attack
