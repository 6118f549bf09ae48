#include "ops/conv/algorithms/cell_segments.h"

#include <algorithm>

namespace edgebin {
namespace {

// The cells all of whose positions lie in class `index`.
Interior cells_within(const PoolAxis& cells, const BorderClasses& classes, int index, int width) {
  const int begin = index == 0 ? 0 : classes.end_of(index - 1);
  return cells.within(begin, std::min(classes.end_of(index), width));
}

// Whether the cell behind a segment, with the given positions, can be added to it.
bool extends(const CellSegment& segment, const PoolAxis& cells, const BorderClasses& classes,
             const Reach& positions, bool shares) {
  if (segment.shares_class != shares) return false;
  if (!shares) return true;
  const int first = cells.reach(segment.begin).begin;
  const int index = classes.class_at(first);
  return index == classes.class_at(positions.begin) &&
         segment.end - segment.begin < classes.end_of(index) - first;
}

}  // namespace

bool shares_class(const BorderClasses& classes, const Reach& positions) {
  return positions.count() > 0 &&
         classes.class_at(positions.begin) == classes.class_at(positions.last());
}

// The cells within a class become a segment at once, for there may be millions of them. The others
// are few.
std::vector<CellSegment> list_segments(const PoolAxis& cells, const BorderClasses& classes,
                                       int width) {
  std::vector<CellSegment> segments;
  for (int i = 0; i < cells.cells(); i = segments.back().end) {
    const Reach positions = cells.reach(i);
    const bool shares = shares_class(classes, positions);
    const Interior within =
        shares ? cells_within(cells, classes, classes.class_at(positions.begin), width)
               : Interior{};
    if (within.begin <= i && i < within.end) {
      segments.push_back({i, within.end, true});
    } else if (!segments.empty() && extends(segments.back(), cells, classes, positions, shares)) {
      segments.back().end = i + 1;
    } else {
      segments.push_back({i, i + 1, shares});
    }
  }
  return segments;
}

}  // namespace edgebin
