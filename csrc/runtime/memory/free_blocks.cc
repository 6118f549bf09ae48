#include "runtime/memory/free_blocks.h"

#include <algorithm>
#include <iterator>

namespace edgebin {

void FreeBlocks::add(Bytes begin, Bytes end) {
  ends_.emplace(begin, end);
  by_size_.emplace(end - begin, begin);
}

void FreeBlocks::remove(std::map<Bytes, Bytes>::iterator block) {
  by_size_.erase({block->second - block->first, block->first});
  ends_.erase(block);
}

Bytes FreeBlocks::take(Bytes size) {
  const auto fitting = by_size_.lower_bound({size, 0});
  Bytes begin = end_;
  Bytes end = end_;
  if (fitting != by_size_.end()) {
    begin = fitting->second;
    end = begin + fitting->first;
    remove(ends_.find(begin));
  } else if (!ends_.empty() && std::prev(ends_.end())->second == end_) {
    begin = std::prev(ends_.end())->first;
    remove(std::prev(ends_.end()));
  }
  if (end - begin > size) {
    add(begin + size, end);
  } else {
    end_ = std::max(end_, begin + size);
  }
  return begin;
}

void FreeBlocks::give_back(Bytes offset, Bytes size) {
  Bytes begin = offset;
  Bytes end = offset + size;
  const auto next = ends_.lower_bound(offset);
  if (next != ends_.begin() && std::prev(next)->second == begin) {
    begin = std::prev(next)->first;
    remove(std::prev(next));
  }
  if (next != ends_.end() && next->first == end) {
    end = next->second;
    remove(next);
  }
  add(begin, end);
}

}  // namespace edgebin
