// Arithmetic on sizes, and moving and counting bits that are packed into 64-bit words, lowest bit
// first. Nothing here allocates or checks its arguments.
#ifndef EDGEBIN_BASE_BITS_H_
#define EDGEBIN_BASE_BITS_H_

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace edgebin {

// A size in bytes that is not yet known to fit in memory: on a 32-bit machine a std::size_t could
// wrap.
using Bytes = std::uint64_t;

// value / divisor, rounded up; value >= 0, divisor > 0, and their sum fits the type.
template <std::integral Integer>
constexpr Integer ceil_div(Integer value, std::type_identity_t<Integer> divisor) {
  return static_cast<Integer>((value + divisor - 1) / divisor);
}

// The least multiple of `alignment` that is at least `value`; conditions as above.
template <std::integral Integer>
constexpr Integer align_up(Integer value, std::type_identity_t<Integer> alignment) {
  return static_cast<Integer>(ceil_div(value, alignment) * alignment);
}

// The lowest `count` bits set; 0 <= count <= 64.
constexpr std::uint64_t low_bits(std::size_t count) {
  return count == 0 ? 0 : ~std::uint64_t{0} >> (64 - count);
}

constexpr std::int64_t popcount(std::span<const std::uint64_t> words) {
  std::int64_t ones = 0;
  for (const std::uint64_t word : words) ones += std::popcount(word);
  return ones;
}

// dst[dst_bit + i] |= src[src_bit + i] for 0 <= i < count, in bits. Into zeroed bits it is a copy.
// Only words that hold a bit of the two ranges are touched; the ranges must not overlap.
constexpr void copy_bits(std::uint64_t* dst, std::size_t dst_bit, const std::uint64_t* src,
                         std::size_t src_bit, std::size_t count) {
  dst += dst_bit / 64;
  src += src_bit / 64;
  dst_bit %= 64;
  src_bit %= 64;
  if (dst_bit == 0 && src_bit == 0) {
    for (; count >= 64; count -= 64) *dst++ |= *src++;
    if (count > 0) *dst |= *src & low_bits(count);
    return;
  }
  while (count > 0) {  // one word of dst per iteration
    const std::size_t free = 64 - dst_bit;
    const std::size_t step = count < free ? count : free;
    std::uint64_t bits = *src >> src_bit;
    if (src_bit > 0 && step > 64 - src_bit) bits |= src[1] << (64 - src_bit);
    *dst++ |= (bits & low_bits(step)) << dst_bit;
    dst_bit = 0;
    src_bit += step;
    src += src_bit / 64;
    src_bit %= 64;
    count -= step;
  }
}

}  // namespace edgebin

#endif  // EDGEBIN_BASE_BITS_H_
