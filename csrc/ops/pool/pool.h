// What the four pools share: an output position reduces the input positions of its cell, row by
// row. Windows and the cells of adaptive pools differ only in where the cells lie.
#ifndef EDGEBIN_OPS_POOL_POOL_H_
#define EDGEBIN_OPS_POOL_POOL_H_

#include <algorithm>
#include <cstddef>
#include <memory>

#include "ops/op.h"
#include "ops/window.h"

namespace edgebin {

// Input positions begin, begin + step, .. below end.
struct Reach {
  int begin = 0;
  int end = 0;
  int step = 1;

  int count() const { return begin >= end ? 0 : (end - begin - 1) / step + 1; }
  int last() const { return begin + (count() - 1) * step; }
};

// The cells of one axis. What they see is worked out when it is asked for: a list of it would take
// more memory than the file that asks for so many cells.
class PoolAxis {
 public:
  // What a window sees of `size` positions.
  static PoolAxis of_window(const Axis& axis, int size);

  // Cell i of n covers floor(i size / n) to ceil((i + 1) size / n).
  static PoolAxis of_cells(int cells, int size);

  int cells() const { return cells_; }
  Reach reach(int cell) const {
    if (cell < interior_.begin || cell >= interior_.end) return reach_by_division(cell);
    const int first = axis_.start(cell);
    return {first, std::min(first + axis_.kernel * axis_.dilation, size_), axis_.dilation};
  }

  // From the first position under the cell, seen or not, to the end of its reach. Neither end falls
  // from one cell to the next, but the begin of a reach may: the upper taps of a dilated window
  // that sticks out of the picture see nothing, and those of the next one see the first rows.
  Reach span(int cell) const;

  int longest() const;       // most positions of a cell
  int longest_span() const;  // most positions of a span

  // Cells begin..end that are windows inside the picture whole; none where end is not above begin.
  const Interior& interior() const { return interior_; }

  // Of those, the ones that see positions begin..end alone.
  Interior within(int begin, int end) const;

 private:
  Reach reach_by_division(int cell) const;
  template <class Measure>
  int most_of_cells(const Measure& measure) const;

  int size_ = 1;
  int cells_ = 1;
  bool adaptive_ = false;
  Axis axis_;
  Interior interior_;  // of windows
};

struct PoolCells {
  PoolAxis rows;
  PoolAxis columns;
};

// The cells of `max_pool` and `avg_pool`, and those of the adaptive pools, from a node's
// attributes.
PoolCells window_cells(const NodeView& view);
PoolCells adaptive_cells(const NodeView& view);

// Positions of the largest cell.
std::uint64_t most_taps(const PoolCells& cells);

// Room for the taps of that cell; a multiple of 64.
Bytes taps_bytes(const PoolCells& cells);

// Lists where the channels of each position of a cell lie, as the kernels take them. row_at(row) is
// the first position of an input row, `step` the elements from one to the next. Returns how many
// there are.
template <class Element, class RowAt>
int list_taps(const Reach& rows, const Reach& columns, int step, const RowAt& row_at,
              const Element** taps) {
  int count = 0;
  for (int row = rows.begin; row < rows.end; row += rows.step) {
    const Element* const first = row_at(row);
    for (int column = columns.begin; column < columns.end; column += columns.step) {
      taps[count++] = first + std::ptrdiff_t{column} * step;
    }
  }
  return count;
}

// The largest of each cell, of codes or f32: the running value starts at code 0 or at -inf and
// gives way to larger values only.
std::unique_ptr<const Step> make_max_pool(const ValueType& input, const PoolCells& cells,
                                          const kernels::Kernels& kernels);

// The sum of each cell of f32 over `divisor`, or over the cell's positions where that is 0.
std::unique_ptr<const Step> make_avg_pool(const ValueType& input, const PoolCells& cells,
                                          int divisor, const kernels::Kernels& kernels);

}  // namespace edgebin

#endif  // EDGEBIN_OPS_POOL_POOL_H_
