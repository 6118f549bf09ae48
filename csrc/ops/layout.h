// How values and the operands of kernels lie in memory.
//
// u8 and f32 are row-major, channels innermost. Of codes, each pixel is [2][words]: the low bits of
// its codes, then the high bits, 64 channels to a word; bits past the last channel are zero.
#ifndef EDGEBIN_OPS_LAYOUT_H_
#define EDGEBIN_OPS_LAYOUT_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <span>
#include <vector>

#include "base/bits.h"
#include "graph/types.h"
#include "kernels/kernels.h"

namespace edgebin {

using kernels::Word;

inline constexpr std::size_t kCacheLine = 64;

// Words of one plane of one pixel.
constexpr int plane_words(int channels) { return ceil_div(channels, kernels::kWordBits); }

inline Bytes value_bytes(const ValueType& type) {
  const auto elements = static_cast<Bytes>(type.shape.elements());
  if (type.dtype == DType::kU8) return elements;
  if (type.dtype == DType::kF32) return elements * sizeof(float);
  return static_cast<Bytes>(type.shape.pixels()) * 2 * plane_words(type.shape.c) * sizeof(Word);
}

// What worker `worker` has of scratch that holds `each` bytes for every one.
inline std::span<std::byte> share_of(std::span<std::byte> scratch, Bytes each, int worker) {
  return scratch.subspan(static_cast<std::size_t>(each) * static_cast<std::size_t>(worker));
}

// Bytes of a buffer as elements.
template <class T>
T* elements_of(std::span<std::byte> bytes) {
  return reinterpret_cast<T*>(bytes.data());
}

template <class T>
const T* elements_of(std::span<const std::byte> bytes) {
  return reinterpret_cast<const T*>(bytes.data());
}

// The low plane of a pixel; the high plane follows it.
template <class AnyWord>
AnyWord* planes_of(AnyWord* value, std::ptrdiff_t pixel, int channels) {
  return value + pixel * 2 * plane_words(channels);
}

// The same for kernels, from `pixel` on.
inline kernels::CodesOut codes_at(Word* value, std::ptrdiff_t pixel, int channels) {
  return {planes_of(value, pixel, channels), std::ptrdiff_t{2} * plane_words(channels),
          plane_words(channels)};
}

// Allocates at cache lines, so that no vector of an operand straddles two.
template <class T>
struct LineAllocator {
  using value_type = T;

  LineAllocator() = default;
  template <class U>
  explicit LineAllocator(const LineAllocator<U>&) {}

  T* allocate(std::size_t count) {
    if (count > std::numeric_limits<std::size_t>::max() / sizeof(T))
      throw std::bad_array_new_length();
    return static_cast<T*>(::operator new(count * sizeof(T), std::align_val_t{kCacheLine}));
  }
  void deallocate(T* data, std::size_t) { ::operator delete(data, std::align_val_t{kCacheLine}); }

  friend bool operator==(const LineAllocator&, const LineAllocator&) { return true; }
};

template <class T>
using Operand = std::vector<T, LineAllocator<T>>;

// Of zeros. Throws std::bad_alloc also where so many do not fit this machine's addresses.
template <class T>
Operand<T> make_operand(std::uint64_t count) {
  if (count > std::numeric_limits<std::ptrdiff_t>::max() / sizeof(T)) throw std::bad_alloc();
  return Operand<T>(static_cast<std::size_t>(count));
}

}  // namespace edgebin

#endif  // EDGEBIN_OPS_LAYOUT_H_
