// The bias of each output position of a convolution.
//
// A convolution of u8 sums weight x (input - zero) over the taps inside the image, but the kernels
// sum weight x input, with 0 outside the image. The difference, weight x zero over the taps inside,
// goes into the bias. It depends on which taps are inside and so on the position: positions with
// the same taps inside form a class, and each class has its own row of biases. Other inputs have
// one class.
#ifndef EDGEBIN_OPS_CONV_EPILOGUE_BORDER_BIAS_H_
#define EDGEBIN_OPS_CONV_EPILOGUE_BORDER_BIAS_H_

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "ops/conv/geometry.h"
#include "ops/layout.h"

namespace edgebin {

// The classes of the positions of one axis, numbered in their order along it. There are few of
// them, however long the axis is.
class BorderClasses {
 public:
  BorderClasses() : taps_(1), ends_(1, std::numeric_limits<int>::max()) {}  // one class
  BorderClasses(const Axis& axis, int size);

  int count() const { return static_cast<int>(taps_.size()); }
  Bytes bytes() const { return taps_.size() * (sizeof(Taps) + sizeof(int)); }
  const Taps& taps(int index) const { return taps_[index]; }
  int class_at(int position) const {
    return static_cast<int>(std::ranges::upper_bound(ends_, position) - ends_.begin());
  }
  int end_of(int index) const { return ends_[index]; }  // the position behind its last

 private:
  std::vector<Taps> taps_;
  std::vector<int> ends_;  // ascending
};

class BorderBias {
 public:
  explicit BorderBias(const ConvSpec& spec);

  std::span<const float> values() const noexcept { return table_; }

  // The biases that neighbouring pixels share.
  struct Run {
    const float* bias;  // [channels]
    int pixels;
  };

  // The run that begins with output pixel `pixel`; pixels are numbered row after row.
  Run run_at(int pixel) const noexcept {
    if (classes_ == 1) return {table_.data(), std::numeric_limits<int>::max()};
    const int column = pixel % geometry_.out.w;
    const int column_class = columns_.class_at(column);
    const int index = rows_.class_at(pixel / geometry_.out.w) * columns_.count() + column_class;
    return {table_.data() + std::ptrdiff_t{index} * geometry_.out.c,
            columns_.end_of(column_class) - column};
  }

 private:
  void subtract_zero(const ConvSpec& spec, int channel);

  ConvGeometry geometry_;
  BorderClasses rows_;
  BorderClasses columns_;
  int classes_ = 1;
  Operand<float> table_;  // [classes of rows][classes of columns][channels]
};

// What a BorderBias keeps, in bytes.
struct BorderBiasSize {
  Bytes table;    // the biases
  Bytes classes;  // of rows and columns
};

BorderBiasSize border_bias_size(const ConvSpec& spec);

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_EPILOGUE_BORDER_BIAS_H_
