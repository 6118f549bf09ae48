#include "ops/shape/axis_map.h"

namespace edgebin {

AxisMap AxisMap::along(const Line& line, int count) {
  AxisMap map;
  map.line_ = line;
  map.count_ = count;
  return map;
}

AxisMap AxisMap::padded(PadMode mode, int size, int before, int count) {
  AxisMap map;
  map.mode_ = mode;
  map.size_ = size;
  map.before_ = before;
  map.count_ = count;
  return map;
}

int AxisMap::padded_at(int i) const {
  const int position = i - before_;
  if (position >= 0 && position < size_) return position;
  switch (mode_) {
    case PadMode::kReflect:
      return position < 0 ? -position : 2 * (size_ - 1) - position;
    case PadMode::kReplicate:
      return position < 0 ? 0 : size_ - 1;
    case PadMode::kCircular:
      return position < 0 ? position + size_ : position - size_;
    case PadMode::kConstant:
      break;
  }
  return kOutside;
}

void AxisMap::fill(int begin, std::span<int> positions) const {
  if (size_ > 0) {
    for (int& position : positions) position = padded_at(begin++);
    return;
  }
  LineWalk walk(line_, begin);
  for (int& position : positions) {
    position = walk.position();
    walk.step();
  }
}

}  // namespace edgebin
