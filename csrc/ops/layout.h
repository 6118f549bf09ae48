// The memory layout of activations and of the operands of kernels.
//
// u8 and f32 activations are row-major, channels innermost. A pixel of codes is [2][words]: a plane
// of the low bits of its codes, then one of the high bits, 64 channels to a word. Bits past the
// last channel are zero.
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

// Words of one plane of a pixel.
constexpr int plane_words(int channels) { return ceil_div(channels, kernels::kWordBits); }

inline Bytes value_bytes(const ValueType& type) {
  const auto elements = static_cast<Bytes>(type.shape.elements());
  if (type.dtype == DType::kU8) return elements;
  if (type.dtype == DType::kF32) return elements * sizeof(float);
  return static_cast<Bytes>(type.shape.pixels()) * 2 * plane_words(type.shape.c) * sizeof(Word);
}

inline Bytes pixel_bytes(DType dtype, int channels) {
  return value_bytes({dtype, {1, 1, channels}});
}

// The scratch of worker `worker`, where each worker has `each` bytes, and what follows it.
inline std::span<std::byte> share_of(std::span<std::byte> scratch, Bytes each, int worker) {
  return scratch.subspan(static_cast<std::size_t>(each) * static_cast<std::size_t>(worker));
}

// Hands out consecutive parts of a worker's scratch.
class ScratchParts {
 public:
  explicit ScratchParts(std::span<std::byte> scratch) : rest_(scratch) {}

  std::span<std::byte> take(Bytes bytes) {
    const std::span<std::byte> part = rest_.first(static_cast<std::size_t>(bytes));
    rest_ = rest_.subspan(static_cast<std::size_t>(bytes));
    return part;
  }
  std::span<std::byte> rest() const { return rest_; }

 private:
  std::span<std::byte> rest_;
};

// The elements of a buffer.
template <class T>
T* elements_of(std::span<std::byte> bytes) {
  return reinterpret_cast<T*>(bytes.data());
}

template <class T>
const T* elements_of(std::span<const std::byte> bytes) {
  return reinterpret_cast<const T*>(bytes.data());
}

// The low plane of a pixel of codes; the high plane follows it.
template <class AnyWord>
AnyWord* planes_of(AnyWord* value, std::ptrdiff_t pixel, int channels) {
  return value + pixel * 2 * plane_words(channels);
}

// Where a kernel writes the codes of `pixel` and the pixels after it.
inline kernels::CodesOut codes_at(Word* value, std::ptrdiff_t pixel, int channels) {
  return {planes_of(value, pixel, channels), std::ptrdiff_t{2} * plane_words(channels),
          plane_words(channels)};
}

// Aligns to cache lines, so that no vector load of an operand straddles two of them.
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

// Returns `count` zeros. Throws std::bad_alloc where memory or addresses do not suffice.
template <class T>
Operand<T> make_operand(std::uint64_t count) {
  if (count > std::numeric_limits<std::ptrdiff_t>::max() / sizeof(T)) throw std::bad_alloc();
  return Operand<T>(static_cast<std::size_t>(count));
}

}  // namespace edgebin

#endif  // EDGEBIN_OPS_LAYOUT_H_
