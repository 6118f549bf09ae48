// How the output of a convolution is divided among threads: into bands of rows and blocks of
// channels, each combination of which is a task. A band repeats what the band above it built of the
// rows that both windows read, each block builds all rows again, and a number of tasks that is not
// a multiple of the threads leaves some of them idle.
#ifndef EDGEBIN_OPS_CONV_SPLIT_H_
#define EDGEBIN_OPS_CONV_SPLIT_H_

namespace edgebin {

// The size and the costs of a convolution. All costs are in one unit, whatever it is.
struct SplitWork {
  int column_tiles;  // tasks that exist anyway
  int rows;          // of the output
  int units;         // of output channels, which no block divides
  double build;      // cost of what all channels of an output row share
  double multiply;   // cost of multiplying all channels of an output row
  double rebuild;    // cost of what a band builds although the band above has built it
};

struct Split {
  int rows;   // of a band; the last one may have fewer
  int units;  // of a block; the last one may have fewer
};

// The split with which the busiest of equally fast threads finishes earliest.
Split best_split(const SplitWork& work, int threads) noexcept;

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_SPLIT_H_
