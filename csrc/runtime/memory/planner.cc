// Up to 4,096 values, two greedy plans are made and the smaller one is taken.
//
// By size, best fit: values in decreasing order of size, each in the smallest gap between the
// values already placed that are alive at the same time. This suits networks with branches.
//
// By ends: in an arena of the minimum size, values in the order in which they become alive
// alternate between the lowest and the highest free offset. Values alive for a single step
// (scratch) come last, because they fit between the others. On a chain the two values alive at a
// step thus lie at opposite ends and the plan needs exactly the minimum. If some value does not
// fit, this plan is dropped.
//
// Both compare all pairs of values. With more values than any real network has, a single plan is
// made in the order of time: each value takes the smallest block that is free when it becomes
// alive.
#include "runtime/memory/planner.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "base/bits.h"
#include "runtime/memory/free_blocks.h"

namespace edgebin {
namespace {

struct Placed {
  Bytes begin;
  Bytes end;
  int first;
  int last;
};

Bytes aligned_size(const LiveRange& range) { return align_up(range.bytes, kArenaAlignment); }

// The values placed so far, by ascending offset.
class Arena {
 public:
  // Calls visit(begin, end) for the gaps that are free during `range`, from the lowest, until it
  // returns false. The last gap ends at `limit`.
  template <class Visit>
  void for_each_gap(const LiveRange& range, Bytes limit, const Visit& visit) const {
    Bytes begin = 0;
    for (const Placed& other : placed_) {
      if (other.last < range.first || other.first > range.last) continue;
      if (other.begin > begin && !visit(begin, other.begin)) return;
      begin = std::max(begin, other.end);
    }
    if (begin < limit) visit(begin, limit);
  }

  void place(const LiveRange& range, Bytes offset) {
    const Placed placed = {offset, offset + aligned_size(range), range.first, range.last};
    placed_.insert(std::ranges::upper_bound(placed_, offset, {}, &Placed::begin), placed);
  }

 private:
  std::vector<Placed> placed_;
};

// Comparing all pairs of so many values takes some tens of milliseconds.
constexpr std::size_t kMaxPairwise = 4096;

constexpr Bytes kUnlimited = static_cast<Bytes>(-1);

Bytes smallest_gap(const Arena& arena, const LiveRange& range) {
  Bytes best = 0;
  Bytes best_size = kUnlimited;
  bool found = false;
  arena.for_each_gap(range, kUnlimited, [&](Bytes begin, Bytes end) {
    if (end - begin >= aligned_size(range) && (!found || end - begin < best_size)) {
      best = begin;
      best_size = end - begin;
      found = true;
    }
    return true;
  });
  return best;
}

// The lowest offset below `limit` at which it fits, or the highest.
std::optional<Bytes> outermost_gap(const Arena& arena, const LiveRange& range, Bytes limit,
                                   bool lowest) {
  std::optional<Bytes> found;
  arena.for_each_gap(range, limit, [&](Bytes begin, Bytes end) {
    if (end - begin < aligned_size(range)) return true;
    found = lowest ? begin : end - aligned_size(range);
    return !lowest;
  });
  return found;
}

std::vector<std::size_t> numbered(std::size_t count) {
  std::vector<std::size_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), std::size_t{0});
  return numbers;
}

Plan plan_by_size(std::span<const LiveRange> ranges) {
  std::vector<std::size_t> order = numbered(ranges.size());
  std::ranges::stable_sort(order, std::ranges::greater{},
                           [&](std::size_t i) { return ranges[i].bytes; });
  Plan plan{std::vector<Bytes>(ranges.size()), 0};
  Arena arena;
  for (const std::size_t i : order) {
    if (ranges[i].bytes == 0) continue;
    plan.offsets[i] = smallest_gap(arena, ranges[i]);
    arena.place(ranges[i], plan.offsets[i]);
    plan.bytes = std::max(plan.bytes, plan.offsets[i] + aligned_size(ranges[i]));
  }
  return plan;
}

std::optional<Plan> plan_by_ends(std::span<const LiveRange> ranges, Bytes bytes) {
  std::vector<std::size_t> order = numbered(ranges.size());
  std::ranges::stable_sort(order, std::ranges::less{}, [&](std::size_t i) {
    return std::pair(ranges[i].first == ranges[i].last, ranges[i].first);
  });
  Plan plan{std::vector<Bytes>(ranges.size()), bytes};
  Arena arena;
  bool lowest = true;
  for (const std::size_t i : order) {
    if (ranges[i].bytes == 0) continue;
    const auto offset = outermost_gap(arena, ranges[i], bytes, lowest);
    if (!offset) return std::nullopt;
    plan.offsets[i] = *offset;
    arena.place(ranges[i], *offset);
    lowest = !lowest;
  }
  return plan;
}

Plan plan_by_time(std::span<const LiveRange> ranges) {
  std::vector<std::size_t> by_first = numbered(ranges.size());
  std::ranges::stable_sort(by_first, {}, [&](std::size_t i) { return ranges[i].first; });
  std::vector<std::size_t> by_last = by_first;
  std::ranges::stable_sort(by_last, {}, [&](std::size_t i) { return ranges[i].last; });
  Plan plan{std::vector<Bytes>(ranges.size()), 0};
  FreeBlocks blocks;
  auto ended = by_last.begin();
  for (const std::size_t i : by_first) {
    for (; ranges[*ended].last < ranges[i].first; ++ended) {
      if (ranges[*ended].bytes > 0)
        blocks.give_back(plan.offsets[*ended], aligned_size(ranges[*ended]));
    }
    if (ranges[i].bytes > 0) plan.offsets[i] = blocks.take(aligned_size(ranges[i]));
  }
  plan.bytes = blocks.peak_bytes();
  return plan;
}

}  // namespace

Bytes min_arena_bytes(std::span<const LiveRange> ranges) {
  int steps = 0;
  for (const LiveRange& range : ranges) steps = std::max(steps, range.last + 1);
  std::vector<Bytes> allocated(static_cast<std::size_t>(steps));  // at the start of the step
  std::vector<Bytes> freed(static_cast<std::size_t>(steps));      // after it
  for (const LiveRange& range : ranges) {
    allocated[range.first] += aligned_size(range);
    freed[range.last] += aligned_size(range);
  }
  Bytes alive = 0;
  Bytes peak = 0;
  for (int step = 0; step < steps; ++step) {
    alive += allocated[step];
    peak = std::max(peak, alive);
    alive -= freed[step];
  }
  return peak;
}

Plan plan_arena(std::span<const LiveRange> ranges) {
  if (ranges.size() > kMaxPairwise) return plan_by_time(ranges);
  Plan by_size = plan_by_size(ranges);
  const Bytes minimum = min_arena_bytes(ranges);
  if (by_size.bytes == minimum) return by_size;
  if (auto by_ends = plan_by_ends(ranges, minimum)) return *std::move(by_ends);
  return by_size;
}

}  // namespace edgebin
