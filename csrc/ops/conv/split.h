// How the output of a convolution is shared out among threads: bands of rows times blocks of
// channels, each a task. Every band builds the rows anew that its window shares with the band
// above, every block builds all rows; tasks that do not divide by the threads leave some idle.
#ifndef EDGEBIN_OPS_CONV_SPLIT_H_
#define EDGEBIN_OPS_CONV_SPLIT_H_

namespace edgebin {

// Costs are in any one unit.
struct Shares {
  int strips;       // of columns: as many tasks in any case
  int rows;         // of the output
  int units;        // of its channels; no block divides one
  double build;     // cost of what one output row needs and all channels share
  double multiply;  // cost of one output row's products, all channels
  double rebuild;   // cost of what a band builds that the one above has built as well
};

struct Split {
  int rows;   // of a band; the last one may have fewer
  int units;  // of a block; likewise
};

// The split by which the busiest thread is done first, if all are equally fast.
Split best_split(const Shares& shares, int threads) noexcept;

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_SPLIT_H_
