// Depthwise convolution, a vector of channels of a few output pixels at a time, which share the
// loads of the weights.
//
// The folder's file defines the shapes of its vectors, Whole and Last, each with
//
//   kChannels           of a vector
//   kPixels             at a time, at most
//   Sums                of the channels of one pixel
//   zero()
//   weights(at)         of a tap
//   add(sums, at, weights)
//                       the sums and the product of the inputs at `at`
//   store<kAdds>(to, sums)
//                       stores the sums, added to what is there if kAdds
//
// Last(count) is the shape of the last channels: `count` of them are left, and it computes
// min(count, kChannels). It may be Whole itself where every count is a multiple of kChannels.
#ifndef EDGEBIN_KERNELS_GENERIC_DEPTHWISE_H_
#define EDGEBIN_KERNELS_GENERIC_DEPTHWISE_H_

#include "kernels/generic/row_tiles.h"

namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE {
namespace {

// Pixels p..p + kPixels, the shape's channels from c on.
template <bool kAdds, int kPixels, class Shape, class Task>
inline void depthwise_block(const Task& task, int p, int c, const Shape& shape) {
  const std::ptrdiff_t first = task.offset + p * task.pixel_step + c;
  typename Shape::Sums sums[kPixels];
#pragma GCC unroll 8
  for (int i = 0; i < kPixels; ++i) sums[i] = Shape::zero();
  const auto* row_weights = task.weights + c;
  for (int r = 0; r < task.row_count; ++r, row_weights += task.weight_row_step) {
    const auto* at = task.rows[r] + first;
    const auto* weights = row_weights;
    for (int k = 0; k < task.columns; ++k) {
      const auto tap = shape.weights(weights);
#pragma GCC unroll 8
      for (int i = 0; i < kPixels; ++i) {
        sums[i] = shape.add(sums[i], at + i * task.pixel_step, tap);
      }
      at += task.column_step;
      weights += task.weight_step;
    }
  }
  auto* const to = task.sums + p * task.sum_step + c;
#pragma GCC unroll 8
  for (int i = 0; i < kPixels; ++i) {
    shape.template store<kAdds>(to + i * task.sum_step, sums[i]);
  }
}

template <bool kAdds, class Whole, class Last, class Task>
void depthwise(const Task& task) {
  for_row_tiles<Whole::kPixels>(task.pixels, [&]<int kPixels>(int p) {
    int c = 0;
    for (; c + Whole::kChannels <= task.channels; c += Whole::kChannels) {
      depthwise_block<kAdds, kPixels>(task, p, c, Whole(0));
    }
    for (; c < task.channels; c += Last::kChannels) {
      depthwise_block<kAdds, kPixels>(task, p, c, Last(task.channels - c));
    }
  });
}

// Taps whose sum of codes a signed byte holds.
constexpr int kMaxByteTaps = 42;

// Shapes whose sums are bytes: windows of more taps are divided, into rows or within a row, and the
// parts are added where the sums are stored.
template <class Whole, class Last>
void depthwise_bytes(const DepthwiseCodesTask& task) {
  if (task.row_count * task.columns <= kMaxByteTaps) {
    depthwise<false, Whole, Last>(task);
    return;
  }
  const int columns = task.columns < kMaxByteTaps ? task.columns : kMaxByteTaps;
  const int rows = kMaxByteTaps / columns;
  DepthwiseCodesTask part = task;
  for (int r = 0; r < task.row_count; r += rows) {
    part.rows = task.rows + r;
    part.row_count = task.row_count - r < rows ? task.row_count - r : rows;
    for (int k = 0; k < task.columns; k += columns) {
      part.columns = task.columns - k < columns ? task.columns - k : columns;
      part.offset = task.offset + k * task.column_step;
      part.weights = task.weights + r * task.weight_row_step + k * task.weight_step;
      if (r == 0 && k == 0) {
        depthwise<false, Whole, Last>(part);
      } else {
        depthwise<true, Whole, Last>(part);
      }
    }
  }
}

}  // namespace
}  // namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE

#endif  // EDGEBIN_KERNELS_GENERIC_DEPTHWISE_H_
