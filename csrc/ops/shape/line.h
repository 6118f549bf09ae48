// Positions along a line: floor((factor i + offset) / divisor) for i = 0, 1, ..., in integers.
#ifndef EDGEBIN_OPS_SHAPE_LINE_H_
#define EDGEBIN_OPS_SHAPE_LINE_H_

#include <cstdint>

namespace edgebin {

// factor is at least 0, divisor at least 1; both are below 2^26.
struct Line {
  std::int64_t factor = 1;
  std::int64_t offset = 0;
  std::int64_t divisor = 1;
};

// Walks along a line, with one division for all steps.
class LineWalk {
 public:
  // At the position of i.
  LineWalk(const Line& line, int i)
      : divisor_(line.divisor),
        whole_(static_cast<int>(line.factor / line.divisor)),
        part_(line.factor % line.divisor) {
    const std::int64_t numerator = line.factor * i + line.offset;
    rest_ = numerator % divisor_;
    if (rest_ < 0) rest_ += divisor_;
    position_ = static_cast<int>((numerator - rest_) / divisor_);
  }

  int position() const { return position_; }

  // What the division leaves: 0 to divisor - 1.
  std::int64_t rest() const { return rest_; }

  // Goes on to i + 1.
  void step() {
    position_ += whole_;
    rest_ += part_;
    if (rest_ < divisor_) return;
    rest_ -= divisor_;
    ++position_;
  }

 private:
  std::int64_t divisor_;
  int whole_;
  std::int64_t part_;
  std::int64_t rest_;
  int position_;
};

}  // namespace edgebin

#endif  // EDGEBIN_OPS_SHAPE_LINE_H_
