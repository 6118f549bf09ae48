#include "runtime/planner.h"

#include <gtest/gtest.h>

#include <random>

namespace edgebin {
namespace {

bool meet(const Life& a, const Life& b) { return a.first <= b.last && b.first <= a.last; }

void expect_sound(const std::vector<Life>& lives) {
  const Plan plan = plan_arena(lives);
  ASSERT_EQ(plan.offsets.size(), lives.size());
  EXPECT_GE(plan.bytes, least_arena_bytes(lives));
  for (std::size_t i = 0; i < lives.size(); ++i) {
    EXPECT_EQ(plan.offsets[i] % kArenaAlignment, 0u);
    EXPECT_LE(plan.offsets[i] + lives[i].bytes, plan.bytes);
    for (std::size_t j = 0; j < i; ++j) {
      if (!meet(lives[i], lives[j]) || lives[i].bytes == 0 || lives[j].bytes == 0) continue;
      EXPECT_TRUE(plan.offsets[i] >= plan.offsets[j] + lives[j].bytes ||
                  plan.offsets[j] >= plan.offsets[i] + lives[i].bytes)
          << "lives " << j << " and " << i;
    }
  }
}

class Planner : public testing::Test {
 protected:
  std::uint64_t size() { return random_() % 5 == 0 ? 0 : random_() % 5000; }

  std::mt19937_64 random_{7};
};

TEST_F(Planner, NothingNeedsNothing) {
  EXPECT_EQ(plan_arena({}).bytes, 0u);
  EXPECT_EQ(least_arena_bytes({}), 0u);
}

TEST_F(Planner, LivesThatMeetShareNoByte) {
  for (int turn = 0; turn < 300; ++turn) {
    std::vector<Life> lives(static_cast<std::size_t>(1 + random_() % 30));
    for (Life& life : lives) {
      const int first = static_cast<int>(random_() % 20);
      life = {size(), first, first + static_cast<int>(random_() % 8)};
    }
    expect_sound(lives);
  }
}

TEST_F(Planner, ChainsWithScratchNeedJustTheLeast) {
  for (int turn = 0; turn < 300; ++turn) {
    const int steps = 1 + static_cast<int>(random_() % 20);
    std::vector<Life> lives;
    for (int step = 0; step < steps; ++step) {
      lives.push_back({size(), step, step + 1 < steps ? step + 1 : step});
    }
    for (int step = 0; step < steps; ++step) lives.push_back({size(), step, step});
    expect_sound(lives);
    EXPECT_EQ(plan_arena(lives).bytes, least_arena_bytes(lives));
  }
}

// More than are looked at in pairs.
TEST_F(Planner, ThousandsOfLivesMeetAndShareNoByte) {
  std::vector<Life> lives(5000);
  for (Life& life : lives) {
    const int first = static_cast<int>(random_() % 3000);
    life = {size(), first, first + static_cast<int>(random_() % 40)};
  }
  expect_sound(lives);
  EXPECT_LT(plan_arena(lives).bytes, 2 * least_arena_bytes(lives));
  for (Life& life : lives) life.bytes = 64;
  EXPECT_EQ(plan_arena(lives).bytes, least_arena_bytes(lives));
}

TEST_F(Planner, TheLeastIsTheMostThatIsAliveAtOnce) {
  const std::vector<Life> lives = {{100, 0, 1}, {64, 1, 2}, {1, 2, 3}};
  EXPECT_EQ(least_arena_bytes(lives), 128u + 64u);
}

}  // namespace
}  // namespace edgebin
