#include "ops/pool.h"

#include <algorithm>
#include <limits>

#include "ops/check.h"
#include "ops/layout.h"

namespace edgebin {
namespace {

// Reduce: has `Element`, the type of what it reads and writes; `elements`, of one pixel;
//   void start(Element* y); void take(Element* y, const Element* x); void finish(Element* y, int n)
template <class Reduce>
class Pool final : public Step {
 public:
  using Element = typename Reduce::Element;

  Pool(const Shape& input, const PoolCells& cells, const Reduce& reduce)
      : width_(input.w), cells_(cells), reduce_(reduce) {}

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const Element* const x = elements_of<Element>(buffers.inputs[0]);
    Element* const y = elements_of<Element>(buffers.outputs[0]);
    const std::ptrdiff_t line = std::ptrdiff_t{cells_.columns.cells()} * reduce_.elements;
    pool.parallel_for(cells_.rows.cells(), [&](int row, int) {
      Element* to = y + row * line;
      const Reach rows = cells_.rows.reach(row);
      for (int column = 0; column < cells_.columns.cells(); ++column) {
        reduce_cell(x, rows, cells_.columns.reach(column), to);
        to += reduce_.elements;
      }
    });
  }

 private:
  void reduce_cell(const Element* x, const Reach& rows, const Reach& columns,
                   Element* to) const noexcept {
    reduce_.start(to);
    for (int row = rows.begin; row < rows.end; row += rows.step) {
      const Element* const line = x + std::ptrdiff_t{row} * width_ * reduce_.elements;
      for (int column = columns.begin; column < columns.end; column += columns.step) {
        reduce_.take(to, line + std::ptrdiff_t{column} * reduce_.elements);
      }
    }
    reduce_.finish(to, std::int64_t{rows.count()} * columns.count());
  }

  int width_;
  PoolCells cells_;
  Reduce reduce_;
};

// The larger of two codes, in words of 64. With codes a and b as bits (high, low):
//   high = ah | bh
//   low  = (al and not b's high alone) or the same with a and b exchanged
//        = al & (ah | ~bh) | bl & (bh | ~ah)
struct MaxCodes {
  using Element = Word;
  int elements;  // 2 x words of a plane

  void start(Word* y) const noexcept { std::fill_n(y, elements, Word{0}); }
  void take(Word* y, const Word* x) const noexcept {
    const int words = elements / 2;
    for (int i = 0; i < words; ++i) {
      const Word al = y[i];
      const Word bl = x[i];
      const Word ah = y[words + i];
      const Word bh = x[words + i];
      y[i] = (al & (ah | ~bh)) | (bl & (bh | ~ah));
      y[words + i] = ah | bh;
    }
  }
  void finish(Word*, std::int64_t) const noexcept {}
};

struct MaxFloats {
  using Element = float;
  int elements;

  void start(float* y) const noexcept {
    std::fill_n(y, elements, -std::numeric_limits<float>::infinity());
  }
  void take(float* y, const float* x) const noexcept {
    for (int c = 0; c < elements; ++c) y[c] = x[c] > y[c] ? x[c] : y[c];
  }
  void finish(float*, std::int64_t) const noexcept {}
};

// Padding is left out of the sum: it would add +0, which changes no sum that starts at +0.
struct Average {
  using Element = float;
  int elements;
  int divisor;  // 0: the number of positions

  void start(float* y) const noexcept { std::fill_n(y, elements, 0.0f); }
  void take(float* y, const float* x) const noexcept {
    for (int c = 0; c < elements; ++c) y[c] += x[c];
  }
  void finish(float* y, std::int64_t positions) const noexcept {
    const float count = static_cast<float>(divisor != 0 ? divisor : positions);
    for (int c = 0; c < elements; ++c) y[c] /= count;
  }
};

}  // namespace

PoolAxis PoolAxis::of_window(const Axis& axis, int size) {
  PoolAxis result;
  result.size_ = size;
  result.cells_ = axis.output(size);
  result.axis_ = axis;
  return result;
}

PoolAxis PoolAxis::of_cells(int cells, int size) {
  PoolAxis result;
  result.size_ = size;
  result.cells_ = cells;
  result.adaptive_ = true;
  return result;
}

Reach PoolAxis::reach(int cell) const {
  if (adaptive_) {
    const std::int64_t scaled = std::int64_t{cell} * size_;
    return {static_cast<int>(scaled / cells_), static_cast<int>(ceil_div(scaled + size_, cells_)),
            1};
  }
  const Taps taps = axis_.inside(cell, size_);
  const int first = axis_.start(cell);
  return {first + taps.begin * axis_.dilation, std::min(first + taps.end * axis_.dilation, size_),
          axis_.dilation};
}

PoolCells window_cells(const NodeView& view) {
  const Window window = pool_window(view);
  const Shape& input = view.inputs[0].shape;
  return {PoolAxis::of_window(window.rows, input.h), PoolAxis::of_window(window.columns, input.w)};
}

PoolCells adaptive_cells(const NodeView& view) {
  const int out_h = required_attribute(view, "out_h", 1, kMaxDimension);
  const int out_w = required_attribute(view, "out_w", 1, kMaxDimension);
  const Shape& input = view.inputs[0].shape;
  return {PoolAxis::of_cells(out_h, input.h), PoolAxis::of_cells(out_w, input.w)};
}

std::unique_ptr<const Step> make_max_pool(const ValueType& input, const PoolCells& cells) {
  const Shape& shape = input.shape;
  if (input.dtype == DType::kCode) {
    return std::make_unique<Pool<MaxCodes>>(shape, cells, MaxCodes{2 * plane_words(shape.c)});
  }
  return std::make_unique<Pool<MaxFloats>>(shape, cells, MaxFloats{shape.c});
}

std::unique_ptr<const Step> make_avg_pool(const ValueType& input, const PoolCells& cells,
                                          int divisor) {
  const Shape& shape = input.shape;
  return std::make_unique<Pool<Average>>(shape, cells, Average{shape.c, divisor});
}

}  // namespace edgebin
