// The arena plan of random live ranges: values that are alive together share no byte, and chains
// need the minimum.
#include "runtime/memory/planner.h"

#include <gtest/gtest.h>

#include <random>

namespace edgebin {
namespace {

bool meet(const LiveRange& a, const LiveRange& b) { return a.first <= b.last && b.first <= a.last; }

void expect_sound(const std::vector<LiveRange>& ranges) {
  const Plan plan = plan_arena(ranges);
  ASSERT_EQ(plan.offsets.size(), ranges.size());
  EXPECT_GE(plan.bytes, min_arena_bytes(ranges));
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    EXPECT_EQ(plan.offsets[i] % kArenaAlignment, 0u);
    EXPECT_LE(plan.offsets[i] + ranges[i].bytes, plan.bytes);
    for (std::size_t j = 0; j < i; ++j) {
      if (!meet(ranges[i], ranges[j]) || ranges[i].bytes == 0 || ranges[j].bytes == 0) continue;
      EXPECT_TRUE(plan.offsets[i] >= plan.offsets[j] + ranges[j].bytes ||
                  plan.offsets[j] >= plan.offsets[i] + ranges[i].bytes)
          << "ranges " << j << " and " << i;
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
  EXPECT_EQ(min_arena_bytes({}), 0u);
}

TEST_F(Planner, LivesThatMeetShareNoByte) {
  for (int turn = 0; turn < 300; ++turn) {
    std::vector<LiveRange> ranges(static_cast<std::size_t>(1 + random_() % 30));
    for (LiveRange& range : ranges) {
      const int first = static_cast<int>(random_() % 20);
      range = {size(), first, first + static_cast<int>(random_() % 8)};
    }
    expect_sound(ranges);
  }
}

TEST_F(Planner, ChainsWithScratchNeedJustTheLeast) {
  for (int turn = 0; turn < 300; ++turn) {
    const int steps = 1 + static_cast<int>(random_() % 20);
    std::vector<LiveRange> ranges;
    for (int step = 0; step < steps; ++step) {
      ranges.push_back({size(), step, step + 1 < steps ? step + 1 : step});
    }
    for (int step = 0; step < steps; ++step) ranges.push_back({size(), step, step});
    expect_sound(ranges);
    EXPECT_EQ(plan_arena(ranges).bytes, min_arena_bytes(ranges));
  }
}

// More than are looked at in pairs.
TEST_F(Planner, ThousandsOfLivesMeetAndShareNoByte) {
  std::vector<LiveRange> ranges(5000);
  for (LiveRange& range : ranges) {
    const int first = static_cast<int>(random_() % 3000);
    range = {size(), first, first + static_cast<int>(random_() % 40)};
  }
  expect_sound(ranges);
  EXPECT_LT(plan_arena(ranges).bytes, 2 * min_arena_bytes(ranges));
  for (LiveRange& range : ranges) range.bytes = 64;
  EXPECT_EQ(plan_arena(ranges).bytes, min_arena_bytes(ranges));
}

TEST_F(Planner, TheLeastIsTheMostThatIsAliveAtOnce) {
  const std::vector<LiveRange> ranges = {{100, 0, 1}, {64, 1, 2}, {1, 2, 3}};
  EXPECT_EQ(min_arena_bytes(ranges), 128u + 64u);
}

}  // namespace
}  // namespace edgebin
