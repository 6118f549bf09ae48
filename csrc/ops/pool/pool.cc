#include "ops/pool/pool.h"

#include <algorithm>
#include <numeric>

#include "ops/check.h"
#include "ops/layout.h"

namespace edgebin {
namespace {

// Calls take(output pixel, rows, columns, worker) for every cell, rows of cells shared out.
template <class Take>
void for_each_cell(const PoolCells& cells, ThreadPool& pool, const Take& take) noexcept {
  const int width = cells.columns.cells();
  pool.parallel_for(cells.rows.cells(), [&](int row, int worker) {
    const Reach rows = cells.rows.reach(row);
    for (int column = 0; column < width; ++column) {
      take(row * width + column, rows, cells.columns.reach(column), worker);
    }
  });
}

// The larger of two codes, in words of 64. With codes a and b as bits (high, low):
//   high = ah | bh
//   low  = (al and not b's high alone) or the same with a and b exchanged
//        = al & (ah | ~bh) | bl & (bh | ~ah)
class MaxOfCodes final : public Step {
 public:
  MaxOfCodes(const Shape& input, const PoolCells& cells)
      : width_(input.w), words_(plane_words(input.c)), cells_(cells) {}

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const Word* const x = elements_of<Word>(buffers.inputs[0]);
    Word* const y = elements_of<Word>(buffers.outputs[0]);
    for_each_cell(cells_, pool, [&](int pixel, const Reach& rows, const Reach& columns, int) {
      for (int i = 0; i < words_; ++i) {
        reduce_word(x + i, rows, columns, y + std::ptrdiff_t{2} * pixel * words_ + i);
      }
    });
  }

 private:
  void reduce_word(const Word* x, const Reach& rows, const Reach& columns, Word* y) const noexcept {
    Word low = 0;
    Word high = 0;
    for (int row = rows.begin; row < rows.end; row += rows.step) {
      for (int column = columns.begin; column < columns.end; column += columns.step) {
        const Word* const at = x + (std::ptrdiff_t{row} * width_ + column) * 2 * words_;
        const Word other_low = at[0];
        const Word other_high = at[words_];
        low = (low & (high | ~other_high)) | (other_low & (other_high | ~high));
        high |= other_high;
      }
    }
    y[0] = low;
    y[words_] = high;
  }

  int width_;
  int words_;
  PoolCells cells_;
};

// The largest or the mean of reals: `reduce` makes an output pixel of what a cell sees. Padding is
// left out of the mean's sum: it would add +0, which changes no sum that starts at +0.
template <class Reduce>
class PoolOfReals final : public Step {
 public:
  PoolOfReals(const Shape& input, const PoolCells& cells, const Reduce& reduce)
      : input_(input), cells_(cells), reduce_(reduce), taps_bytes_(taps_bytes(cells)) {}

  Bytes scratch_bytes() const noexcept override { return taps_bytes_; }

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const float* const x = elements_of<float>(buffers.inputs[0]);
    float* const y = elements_of<float>(buffers.outputs[0]);
    const auto row_at = [&](int row) { return x + std::ptrdiff_t{row} * input_.w * input_.c; };
    for_each_cell(cells_, pool,
                  [&](int pixel, const Reach& rows, const Reach& columns, int worker) {
                    const auto scratch = share_of(buffers.scratch, taps_bytes_, worker);
                    const auto** const taps = elements_of<const float*>(scratch);
                    const int count = list_taps(rows, columns, input_.c, row_at, taps);
                    reduce_(taps, count, input_.c, y + std::ptrdiff_t{pixel} * input_.c);
                  });
  }

 private:
  Shape input_;
  PoolCells cells_;
  Reduce reduce_;
  Bytes taps_bytes_;
};

struct Mean {
  kernels::MeanFn kernel;
  int divisor;  // 0: the number of positions

  void operator()(const float* const* taps, int count, int channels, float* y) const noexcept {
    kernel(taps, count, channels, static_cast<float>(divisor != 0 ? divisor : count), y);
  }
};

}  // namespace

PoolAxis PoolAxis::of_window(const Axis& axis, int size) {
  PoolAxis result;
  result.size_ = size;
  result.cells_ = axis.output(size);
  result.axis_ = axis;
  result.interior_ = axis.interior(size);
  return result;
}

PoolAxis PoolAxis::of_cells(int cells, int size) {
  PoolAxis result;
  result.size_ = size;
  result.cells_ = cells;
  result.adaptive_ = true;
  return result;
}

Reach PoolAxis::reach_by_division(int cell) const {
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

Reach PoolAxis::span(int cell) const {
  const Reach seen = reach(cell);
  return {adaptive_ ? seen.begin : std::max(axis_.start(cell), 0), seen.end, 1};
}

// The cells of an adaptive pool: with size = q n + r and g = gcd(size, n), cell i begins at the
// fraction (i r mod n) / n of a position, whose largest value is (n - g) / n, and has
// q + ceil(fraction + r / n) positions.
int PoolAxis::longest() const {
  if (!adaptive_) {
    return most_of_cells([this](int cell) { return reach(cell).count(); });
  }
  const int rest = size_ % cells_;
  const int most = size_ / cells_ + (rest > 0 ? 1 : 0);
  return rest > std::gcd(size_, cells_) ? most + 1 : most;
}

int PoolAxis::longest_span() const {
  return most_of_cells([this](int cell) { return span(cell).count(); });
}

// The greatest of measure(cell) over all windows. Those inside the picture differ only in what the
// last one's reach lacks at its end, so the first stands for all; few others stick out.
template <class Measure>
int PoolAxis::most_of_cells(const Measure& measure) const {
  int most = 0;
  for (int cell = 0; cell < cells_; ++cell) {
    most = std::max(most, measure(cell));
    if (cell == interior_.begin) cell = std::max(cell, interior_.end - 1);
  }
  return most;
}

Interior PoolAxis::within(int begin, int end) const {
  const int extent = axis_.extent();
  const int first = std::max(interior_.begin, ceil_div(begin + axis_.before, axis_.stride));
  const int room = end - extent + axis_.before;
  return {first, std::min(interior_.end, room < 0 ? 0 : room / axis_.stride + 1)};
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

std::uint64_t most_taps(const PoolCells& cells) {
  return static_cast<std::uint64_t>(cells.rows.longest()) *
         static_cast<std::uint64_t>(cells.columns.longest());
}

Bytes taps_bytes(const PoolCells& cells) {
  return align_up(most_taps(cells) * sizeof(const float*), kCacheLine);
}

std::unique_ptr<const Step> make_max_pool(const ValueType& input, const PoolCells& cells,
                                          const kernels::Kernels& kernels) {
  if (input.dtype == DType::kCode) return std::make_unique<MaxOfCodes>(input.shape, cells);
  return std::make_unique<PoolOfReals<kernels::MaxFn>>(input.shape, cells, kernels.max);
}

std::unique_ptr<const Step> make_avg_pool(const ValueType& input, const PoolCells& cells,
                                          int divisor, const kernels::Kernels& kernels) {
  const Mean mean = {kernels.mean, divisor};
  return std::make_unique<PoolOfReals<Mean>>(input.shape, cells, mean);
}

}  // namespace edgebin
