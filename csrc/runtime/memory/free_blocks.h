// A best-fit allocator of offsets in an arena that grows as needed: neighbouring free blocks are
// merged, and both take() and give_back() are logarithmic in the number of blocks. It holds no
// memory, only offsets.
#ifndef EDGEBIN_RUNTIME_MEMORY_FREE_BLOCKS_H_
#define EDGEBIN_RUNTIME_MEMORY_FREE_BLOCKS_H_

#include <map>
#include <set>
#include <utility>

#include "base/bits.h"

namespace edgebin {

class FreeBlocks {
 public:
  // Returns the offset of the smallest free block of at least `size` bytes, or of a new one at the
  // end. `size` is at least 1.
  Bytes take(Bytes size);

  // Frees a block with the offset and size with which it was taken.
  void give_back(Bytes offset, Bytes size);

  // The largest extent of the arena so far, gaps included.
  Bytes peak_bytes() const { return end_; }

 private:
  void add(Bytes begin, Bytes end);
  void remove(std::map<Bytes, Bytes>::iterator block);

  std::map<Bytes, Bytes> ends_;                // of the free blocks, by their begin
  std::set<std::pair<Bytes, Bytes>> by_size_;  // (size, begin) of the free blocks
  Bytes end_ = 0;
};

}  // namespace edgebin

#endif  // EDGEBIN_RUNTIME_MEMORY_FREE_BLOCKS_H_
