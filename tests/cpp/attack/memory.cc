#include "attack/memory.h"

#include <malloc.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <new>

namespace edgebin::attack {
namespace {

constexpr std::size_t kPlain = alignof(std::max_align_t);
constexpr std::int64_t kPlenty = std::numeric_limits<std::int64_t>::max() / 2;

constinit std::atomic<std::size_t> held_bytes{0};
constinit std::atomic<std::size_t> held_blocks{0};
constinit std::atomic<std::size_t> most{0};
constinit std::atomic<std::int64_t> left{kPlenty};  // allocations until one is refused
constinit std::atomic<bool> refuses_on{false};
constinit std::atomic<bool> refused{false};

bool refuses() {
  if (left.load(std::memory_order_relaxed) >= kPlenty / 2) return false;
  const std::int64_t now = left.fetch_sub(1) - 1;
  if (now >= 0 || (now < -1 && !refuses_on)) return false;
  refused = true;
  return true;
}

void* allocate(std::size_t bytes, std::size_t alignment) {
  void* block = nullptr;
  if (refuses() || posix_memalign(&block, alignment, bytes) != 0) throw std::bad_alloc();
  const std::size_t usable = malloc_usable_size(block);
  const std::size_t now = held_bytes.fetch_add(usable) + usable;
  ++held_blocks;
  std::size_t before = most.load();
  while (before < now && !most.compare_exchange_weak(before, now)) {
  }
  return block;
}

void give_back(void* block) noexcept {
  if (block == nullptr) return;
  held_bytes -= malloc_usable_size(block);
  --held_blocks;
  std::free(block);
}

}  // namespace

Held held() { return {held_bytes, held_blocks}; }

void watch_most() { most = held_bytes.load(); }

std::size_t most_bytes() { return most; }

Refusal::Refusal(std::size_t count, Scarcity scarcity) {
  refused = false;
  refuses_on = scarcity == Scarcity::kFromThenOn;
  left = static_cast<std::int64_t>(count);
}

Refusal::~Refusal() { left = kPlenty; }

bool Refusal::struck() const { return refused; }

}  // namespace edgebin::attack

using edgebin::attack::allocate;
using edgebin::attack::give_back;
using edgebin::attack::kPlain;

void* operator new(std::size_t bytes) { return allocate(bytes, kPlain); }
void* operator new[](std::size_t bytes) { return allocate(bytes, kPlain); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return allocate(bytes, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  try {
    return allocate(bytes, kPlain);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void operator delete(void* block) noexcept { give_back(block); }
void operator delete[](void* block) noexcept { give_back(block); }
void operator delete(void* block, std::size_t) noexcept { give_back(block); }
void operator delete[](void* block, std::size_t) noexcept { give_back(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept { give_back(block); }
void operator delete(void* block, std::align_val_t) noexcept { give_back(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { give_back(block); }
