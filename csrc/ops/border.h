// The bias of each output position of a convolution.
//
// Of a u8 input the sum is of weight x (pixel - zero), but the kernels sum weight x pixel with 0
// outside the picture. The difference, weight x zero over the taps inside, goes into the bias; it
// depends on which taps are inside, and so on the position. Positions with the same taps inside
// form a class, and each class has its own row of biases. Other inputs have one class.
#ifndef EDGEBIN_OPS_BORDER_H_
#define EDGEBIN_OPS_BORDER_H_

#include <cstddef>
#include <vector>

#include "ops/conv_spec.h"
#include "ops/layout.h"

namespace edgebin {

// The classes of one axis, numbered in the order in which they first occur.
class BorderClasses {
 public:
  BorderClasses() : taps_(1), by_sum_{0} {}  // one class, whatever the taps
  BorderClasses(const Axis& axis, int size);

  int count() const { return static_cast<int>(taps_.size()); }
  const Taps& taps(int index) const { return taps_[index]; }

  int class_of(const Taps& inside) const {
    return count() == 1 ? 0 : by_sum_[inside.begin + inside.end];
  }

 private:
  std::vector<Taps> taps_;
  std::vector<int> by_sum_;
};

class BorderBias {
 public:
  explicit BorderBias(const ConvSpec& spec);

  // The biases of an output position, one per channel.
  const float* at(int row, int column) const noexcept {
    if (classes_ == 1) return table_.data();
    const int rows = rows_.class_of(geometry_.window.rows.inside(row, geometry_.in.h));
    const int columns = columns_.class_of(geometry_.window.columns.inside(column, geometry_.in.w));
    return table_.data() + std::ptrdiff_t{rows * columns_.count() + columns} * geometry_.out.c;
  }

 private:
  void subtract_zero(const ConvSpec& spec, int channel);

  ConvGeometry geometry_;
  BorderClasses rows_;
  BorderClasses columns_;
  int classes_ = 1;
  Operand<float> table_;  // [classes of rows][classes of columns][channels]
};

}  // namespace edgebin

#endif  // EDGEBIN_OPS_BORDER_H_
