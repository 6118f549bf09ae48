// The cells of a pool: the input positions that each output position reduces. Windows and the cells
// of adaptive pools differ only in where they lie.
#ifndef EDGEBIN_OPS_POOL_CELLS_H_
#define EDGEBIN_OPS_POOL_CELLS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "ops/op.h"
#include "ops/window.h"

namespace edgebin {

// The input positions begin, begin + step, ... below end.
struct Reach {
  int begin = 0;
  int end = 0;
  int step = 1;

  int count() const { return begin >= end ? 0 : (end - begin - 1) / step + 1; }
  int last() const { return begin + (count() - 1) * step; }
};

// The cells of one axis. Their positions are computed on demand: a list of them could take far more
// memory than the file that asks for so many cells.
class PoolAxis {
 public:
  // The windows of an axis over `size` input positions.
  static PoolAxis of_window(const Axis& axis, int size);

  // Cell i of n covers floor(i size / n) to ceil((i + 1) size / n).
  static PoolAxis of_cells(int cells, int size);

  int cells() const { return cells_; }

  // The input positions that a cell reduces.
  Reach reach(int cell) const {
    if (cell < interior_.begin || cell >= interior_.end) return reach_by_division(cell);
    const int first = axis_.start(cell);
    return {first, std::min(first + axis_.kernel * axis_.dilation, size_), axis_.dilation};
  }

  // All positions from the cell's first tap inside the image, whether on the dilation's grid or
  // not, to the end of its reach. Neither end decreases from one cell to the next. The begin of a
  // reach may: the first taps of a dilated window lie outside the image, and those of the next
  // window read the first rows.
  Reach span(int cell) const;

  int max_count() const;       // of the positions of a cell
  int max_span_count() const;  // of the positions of a span

  // The cells begin..end that are windows entirely inside the image; none where end <= begin.
  const Interior& interior() const { return interior_; }

  // The cells of interior() whose positions lie in begin..end.
  Interior within(int begin, int end) const;

 private:
  Reach reach_by_division(int cell) const;
  template <class Measure>
  int max_of_cells(const Measure& measure) const;

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

// The cells of windows and of adaptive pools, from a node's attributes.
PoolCells window_cells(const NodeView& view);
PoolCells adaptive_cells(const NodeView& view);

// Positions of the largest cell.
std::uint64_t max_taps(const PoolCells& cells);

// Bytes of the pointers to the positions of a cell, as list_taps writes them; a multiple of 64.
Bytes taps_bytes(const PoolCells& cells);

// Lists pointers to the channels of each position of a cell, as the kernels take them, and returns
// their number. row_at(row) is the first position of an input row; positions are `step` elements
// apart.
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

}  // namespace edgebin

#endif  // EDGEBIN_OPS_POOL_CELLS_H_
