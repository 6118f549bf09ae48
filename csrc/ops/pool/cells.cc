#include "ops/pool/cells.h"

#include <algorithm>
#include <numeric>

#include "ops/check.h"
#include "ops/layout.h"

namespace edgebin {

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
  const Reach positions = reach(cell);
  return {adaptive_ ? positions.begin : std::max(axis_.start(cell), 0), positions.end, 1};
}

// Of the n cells of an adaptive pool, with size = q n + r and g = gcd(size, n): cell i begins at
// the fraction (i r mod n) / n of a position, whose largest value is (n - g) / n, and has q +
// ceil(fraction + r / n) positions.
int PoolAxis::max_count() const {
  if (!adaptive_) {
    return max_of_cells([this](int cell) { return reach(cell).count(); });
  }
  const int remainder = size_ % cells_;
  const int count = size_ / cells_ + (remainder > 0 ? 1 : 0);
  return remainder > std::gcd(size_, cells_) ? count + 1 : count;
}

int PoolAxis::max_span_count() const {
  return max_of_cells([this](int cell) { return span(cell).count(); });
}

// The maximum of measure(cell) over all windows. Of the many windows entirely inside the image only
// the first is measured: no other has more positions. Few windows stick out.
template <class Measure>
int PoolAxis::max_of_cells(const Measure& measure) const {
  int maximum = 0;
  for (int cell = 0; cell < cells_; ++cell) {
    maximum = std::max(maximum, measure(cell));
    if (cell == interior_.begin) cell = std::max(cell, interior_.end - 1);
  }
  return maximum;
}

Interior PoolAxis::within(int begin, int end) const {
  const int extent = axis_.extent();
  const int first = std::max(interior_.begin, ceil_div(begin + axis_.before, axis_.stride));
  const int last_start = end - extent + axis_.before;
  return {first, std::min(interior_.end, last_start < 0 ? 0 : last_start / axis_.stride + 1)};
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

std::uint64_t max_taps(const PoolCells& cells) {
  return static_cast<std::uint64_t>(cells.rows.max_count()) *
         static_cast<std::uint64_t>(cells.columns.max_count());
}

Bytes taps_bytes(const PoolCells& cells) {
  return align_up(max_taps(cells) * sizeof(const float*), kCacheLine);
}

}  // namespace edgebin
