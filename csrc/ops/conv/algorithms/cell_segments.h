// Which cells of a fused max pool can be reduced on sums: those whose positions share a bias.
#ifndef EDGEBIN_OPS_CONV_ALGORITHMS_CELL_SEGMENTS_H_
#define EDGEBIN_OPS_CONV_ALGORITHMS_CELL_SEGMENTS_H_

#include <vector>

#include "ops/conv/epilogue/border_bias.h"
#include "ops/pool/cells.h"

namespace edgebin {

// Neighbouring cells begin..end of a row of cells.
struct CellSegment {
  int begin;
  int end;

  // Whether all columns of these cells lie in one class. Then there are at most as many cells as
  // the class has columns from the first column of the first cell on.
  bool shares_class;
};

// Divides the columns of cells, over `width` positions of the convolution's output, into segments.
std::vector<CellSegment> list_segments(const PoolAxis& cells, const BorderClasses& classes,
                                       int width);

// Whether all positions of a cell lie in one class. Without positions there is none.
bool shares_class(const BorderClasses& classes, const Reach& positions);

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_ALGORITHMS_CELL_SEGMENTS_H_
