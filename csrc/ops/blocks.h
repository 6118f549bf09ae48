// Splits the work of an operator that treats all pixels, or all elements, alike into blocks that
// the threads of a pool share.
#ifndef EDGEBIN_OPS_BLOCKS_H_
#define EDGEBIN_OPS_BLOCKS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/bits.h"
#include "base/thread_pool.h"

namespace edgebin {

// Elements of a block: a few microseconds of work.
inline constexpr std::int64_t kBlockElements = 16384;

// Calls body(begin, end, worker) for ranges that together cover the items 0..items. An item counts
// as `item_elements` elements of work.
template <class Body>
void for_each_block(ThreadPool& pool, std::int64_t items, std::int64_t item_elements,
                    const Body& body) noexcept {
  const std::int64_t block = std::max<std::int64_t>(1, kBlockElements / item_elements);
  const auto blocks = static_cast<int>(ceil_div(items, block));
  pool.parallel_for(blocks, [&](int index, int worker) {
    const std::int64_t begin = index * block;
    body(static_cast<std::ptrdiff_t>(begin),
         static_cast<std::ptrdiff_t>(std::min(begin + block, items)), worker);
  });
}

}  // namespace edgebin

#endif  // EDGEBIN_OPS_BLOCKS_H_
