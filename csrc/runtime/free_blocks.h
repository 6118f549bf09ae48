// The free blocks of an arena that grows as far as it must: best fit, neighbours joined. Taking and
// giving back are logarithmic in the number of blocks. It holds no memory, only offsets.
#ifndef EDGEBIN_RUNTIME_FREE_BLOCKS_H_
#define EDGEBIN_RUNTIME_FREE_BLOCKS_H_

#include <map>
#include <set>
#include <utility>

#include "base/bits.h"

namespace edgebin {

class FreeBlocks {
 public:
  // The offset of the smallest block that holds `size`, at least 1, or of one at the end.
  Bytes take(Bytes size);

  // A block that was taken, of the same size.
  void give_back(Bytes offset, Bytes size);

  Bytes most_bytes() const { return end_; }  // that were taken at once, gaps counted

 private:
  void add(Bytes begin, Bytes end);
  void remove(std::map<Bytes, Bytes>::iterator block);

  std::map<Bytes, Bytes> ends_;                // of the blocks, by where they begin
  std::set<std::pair<Bytes, Bytes>> by_size_;  // size and begin
  Bytes end_ = 0;
};

}  // namespace edgebin

#endif  // EDGEBIN_RUNTIME_FREE_BLOCKS_H_
