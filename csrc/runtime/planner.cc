// Two greedy plans are made and the smaller one is taken.
//
// By size, best fit: values in the order of their size, the largest first, each into the smallest
// gap between the values already there that are alive with it. Good for networks with branches.
//
// By ends: in an arena of the least possible size, values in the order of birth alternate between
// the lowest and the highest free place; those that live for one step only (scratch) come last, for
// they fit between. On a chain the two values alive at a step thus lie at opposite ends, and the
// plan needs no more than the least. Where a value finds no place, this plan is given up.
//
// Both look at all pairs of values. Where there are more than any real network has, there is one
// plan instead, by time: in the order of birth, each into the smallest block that is free just
// then.
#include "runtime/planner.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "base/bits.h"
#include "runtime/free_blocks.h"

namespace edgebin {
namespace {

struct Placed {
  Bytes begin;
  Bytes end;
  int first;
  int last;
};

Bytes room_of(const Life& life) { return align_up(life.bytes, kArenaAlignment); }

// The values placed so far, by ascending offset.
class Arena {
 public:
  // Calls visit(begin, end) for the gaps that `life` sees, from the lowest, until it returns false.
  // The last one ends at `limit`.
  template <class Visit>
  void for_each_gap(const Life& life, Bytes limit, const Visit& visit) const {
    Bytes begin = 0;
    for (const Placed& other : placed_) {
      if (other.last < life.first || other.first > life.last) continue;
      if (other.begin > begin && !visit(begin, other.begin)) return;
      begin = std::max(begin, other.end);
    }
    if (begin < limit) visit(begin, limit);
  }

  void place(const Life& life, Bytes offset) {
    const Placed placed = {offset, offset + room_of(life), life.first, life.last};
    placed_.insert(std::ranges::upper_bound(placed_, offset, {}, &Placed::begin), placed);
  }

 private:
  std::vector<Placed> placed_;
};

// Values whose pairs are looked at: some tens of milliseconds.
constexpr std::size_t kMostInPairs = 4096;

constexpr Bytes kUnlimited = static_cast<Bytes>(-1);

Bytes smallest_gap(const Arena& arena, const Life& life) {
  Bytes best = 0;
  Bytes best_size = kUnlimited;
  bool found = false;
  arena.for_each_gap(life, kUnlimited, [&](Bytes begin, Bytes end) {
    if (end - begin >= room_of(life) && (!found || end - begin < best_size)) {
      best = begin;
      best_size = end - begin;
      found = true;
    }
    return true;
  });
  return best;
}

// The lowest place below `limit`, or the highest.
std::optional<Bytes> outermost_gap(const Arena& arena, const Life& life, Bytes limit, bool lowest) {
  std::optional<Bytes> found;
  arena.for_each_gap(life, limit, [&](Bytes begin, Bytes end) {
    if (end - begin < room_of(life)) return true;
    found = lowest ? begin : end - room_of(life);
    return !lowest;
  });
  return found;
}

std::vector<std::size_t> numbered(std::size_t count) {
  std::vector<std::size_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), std::size_t{0});
  return numbers;
}

Plan plan_by_size(std::span<const Life> lives) {
  std::vector<std::size_t> order = numbered(lives.size());
  std::ranges::stable_sort(order, std::ranges::greater{},
                           [&](std::size_t i) { return lives[i].bytes; });
  Plan plan{std::vector<Bytes>(lives.size()), 0};
  Arena arena;
  for (const std::size_t i : order) {
    if (lives[i].bytes == 0) continue;
    plan.offsets[i] = smallest_gap(arena, lives[i]);
    arena.place(lives[i], plan.offsets[i]);
    plan.bytes = std::max(plan.bytes, plan.offsets[i] + room_of(lives[i]));
  }
  return plan;
}

std::optional<Plan> plan_by_ends(std::span<const Life> lives, Bytes bytes) {
  std::vector<std::size_t> order = numbered(lives.size());
  std::ranges::stable_sort(order, std::ranges::less{}, [&](std::size_t i) {
    return std::pair(lives[i].first == lives[i].last, lives[i].first);
  });
  Plan plan{std::vector<Bytes>(lives.size()), bytes};
  Arena arena;
  bool lowest = true;
  for (const std::size_t i : order) {
    if (lives[i].bytes == 0) continue;
    const auto offset = outermost_gap(arena, lives[i], bytes, lowest);
    if (!offset) return std::nullopt;
    plan.offsets[i] = *offset;
    arena.place(lives[i], *offset);
    lowest = !lowest;
  }
  return plan;
}

Plan plan_by_time(std::span<const Life> lives) {
  std::vector<std::size_t> births = numbered(lives.size());
  std::ranges::stable_sort(births, {}, [&](std::size_t i) { return lives[i].first; });
  std::vector<std::size_t> deaths = births;
  std::ranges::stable_sort(deaths, {}, [&](std::size_t i) { return lives[i].last; });
  Plan plan{std::vector<Bytes>(lives.size()), 0};
  FreeBlocks blocks;
  auto dead = deaths.begin();
  for (const std::size_t i : births) {
    for (; lives[*dead].last < lives[i].first; ++dead) {
      if (lives[*dead].bytes > 0) blocks.give_back(plan.offsets[*dead], room_of(lives[*dead]));
    }
    if (lives[i].bytes > 0) plan.offsets[i] = blocks.take(room_of(lives[i]));
  }
  plan.bytes = blocks.most_bytes();
  return plan;
}

}  // namespace

Bytes least_arena_bytes(std::span<const Life> lives) {
  int steps = 0;
  for (const Life& life : lives) steps = std::max(steps, life.last + 1);
  std::vector<Bytes> born(static_cast<std::size_t>(steps));
  std::vector<Bytes> dead(static_cast<std::size_t>(steps));  // after the step
  for (const Life& life : lives) {
    born[life.first] += room_of(life);
    dead[life.last] += room_of(life);
  }
  Bytes alive = 0;
  Bytes most = 0;
  for (int step = 0; step < steps; ++step) {
    alive += born[step];
    most = std::max(most, alive);
    alive -= dead[step];
  }
  return most;
}

Plan plan_arena(std::span<const Life> lives) {
  if (lives.size() > kMostInPairs) return plan_by_time(lives);
  Plan by_size = plan_by_size(lives);
  const Bytes least = least_arena_bytes(lives);
  if (by_size.bytes == least) return by_size;
  if (auto by_ends = plan_by_ends(lives, least)) return *std::move(by_ends);
  return by_size;
}

}  // namespace edgebin
