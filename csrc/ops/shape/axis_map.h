// Where the rows or columns of an output lie in the input: slices, padding, nearest neighbours.
#ifndef EDGEBIN_OPS_SHAPE_AXIS_MAP_H_
#define EDGEBIN_OPS_SHAPE_AXIS_MAP_H_

#include <cstdint>
#include <span>

#include "ops/shape/line.h"

namespace edgebin {

// What lies outside the input; numbered as the attribute `mode` of `pad`.
enum class PadMode : std::uint8_t { kConstant, kReflect, kReplicate, kCircular };
inline constexpr int kPadModes = 4;

class AxisMap {
 public:
  static constexpr int kOutside = -1;  // of a position that is padding

  // The first `count` positions of a line.
  static AxisMap along(const Line& line, int count);

  // `before` positions of padding, `size` of the input, and more padding up to `count`. Reflection
  // reaches less than `size` beyond the input, circular padding at most that.
  static AxisMap padded(PadMode mode, int size, int before, int count);

  int count() const { return count_; }

  // The input positions of output positions begin, begin + 1, ..., or kOutside.
  void fill(int begin, std::span<int> positions) const;

 private:
  int padded_at(int i) const;

  Line line_;
  int count_ = 1;
  int size_ = 0;  // of the input; 0: along the line
  int before_ = 0;
  PadMode mode_ = PadMode::kConstant;
};

}  // namespace edgebin

#endif  // EDGEBIN_OPS_SHAPE_AXIS_MAP_H_
