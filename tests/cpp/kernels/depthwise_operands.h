// Operands of the depthwise kernels: windows over a strip of rows that lie apart, as in a ring of
// copies.
#ifndef EDGEBIN_TESTS_KERNELS_DEPTHWISE_OPERANDS_H_
#define EDGEBIN_TESTS_KERNELS_DEPTHWISE_OPERANDS_H_

#include <cstddef>
#include <stdexcept>
#include <vector>

#include "kernels/operands.h"

namespace edgebin::kernels {

struct DepthwiseShape {
  int channels = 1;
  int pixels = 1;
  int rows = 1;  // of taps
  int columns = 1;
  int stride = 1;
  int dilation = 1;
  int first = 0;     // column of the first tap at the first pixel
  int left_out = 0;  // taps at the end of each row of the weights, which are not in the task
  int gap = 0;       // elements behind each pixel, and behind its sums

  int width() const { return first + (pixels - 1) * stride + (columns - 1) * dilation + 1; }
  int taps() const { return rows * (columns + left_out); }
};

// Input [rows * width][channels], weights [rows * (columns + left_out)][channels] -> sums
// [pixels][channels]. What lies between pixels is `filler`, as are the sums before.
template <class Task, class Input, class Weight, class Sum>
Matrix<Sum> depthwise_sums(void (*kernel)(const Task& task), const DepthwiseShape& shape,
                           const Matrix<Input>& input, const Matrix<Weight>& weights, Sum filler) {
  const int step = shape.channels + shape.gap;
  const auto apart = [&](const auto& matrix, auto value) {
    std::vector<decltype(value)> out(
        matrix.values.size() + std::size_t{1} * matrix.rows * shape.gap, value);
    for (int row = 0; row < matrix.rows; ++row) {
      std::copy_n(&matrix(row, 0), matrix.columns, out.data() + std::ptrdiff_t{row} * step);
    }
    return out;
  };
  const std::vector<Input> pixels = apart(input, static_cast<Input>(filler));
  std::vector<const Input*> rows;
  for (int r = shape.rows; r-- > 0;) {  // from last to first in memory
    rows.push_back(pixels.data() + std::ptrdiff_t{r} * shape.width() * step);
  }
  Matrix<Sum> sums(shape.pixels, shape.channels, filler);
  std::vector<Sum> to = apart(sums, filler);
  kernel({.rows = rows.data(),
          .row_count = shape.rows,
          .columns = shape.columns,
          .offset = std::ptrdiff_t{shape.first} * step,
          .column_step = std::ptrdiff_t{shape.dilation} * step,
          .pixel_step = std::ptrdiff_t{shape.stride} * step,
          .weights = weights.values.data(),
          .weight_row_step = std::ptrdiff_t{shape.columns + shape.left_out} * shape.channels,
          .weight_step = shape.channels,
          .pixels = shape.pixels,
          .channels = shape.channels,
          .sums = to.data(),
          .sum_step = step});
  for (int p = 0; p < shape.pixels; ++p) {
    const Sum* const from = to.data() + std::ptrdiff_t{p} * step;
    std::copy_n(from, shape.channels, &sums(p, 0));
    for (int i = 0; i < shape.gap; ++i) {  // thrown: fuzzers use this too, without GoogleTest
      if (from[shape.channels + i] != filler) throw std::logic_error("sums behind the channels");
    }
  }
  return sums;
}

// Row of the input matrix that tap (r, k) reads at output pixel p.
inline int depthwise_input_row(const DepthwiseShape& shape, int p, int r, int k) {
  return (shape.rows - 1 - r) * shape.width() + shape.first + p * shape.stride + k * shape.dilation;
}

// Calls take(p, c, input row, weight row) for every product of a sum, in the order of kernels.h.
template <class Take>
void for_depthwise_products(const DepthwiseShape& shape, const Take& take) {
  for (int p = 0; p < shape.pixels; ++p) {
    for (int r = 0; r < shape.rows; ++r) {
      for (int k = 0; k < shape.columns; ++k) {
        for (int c = 0; c < shape.channels; ++c) {
          take(p, c, depthwise_input_row(shape, p, r, k), r * (shape.columns + shape.left_out) + k);
        }
      }
    }
  }
}

}  // namespace edgebin::kernels

#endif  // EDGEBIN_TESTS_KERNELS_DEPTHWISE_OPERANDS_H_
