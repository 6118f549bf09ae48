// Floats as bits, for tests of bit-exactness. Every NaN becomes the same one, because which NaN an
// operation returns is unspecified.
#ifndef EDGEBIN_TESTS_BASE_FLOAT_BITS_H_
#define EDGEBIN_TESTS_BASE_FLOAT_BITS_H_

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace edgebin {

using FloatBits = std::vector<std::uint32_t>;

inline std::uint32_t bits_of(float value) {
  return std::isnan(value) ? 0x7fc00000u : std::bit_cast<std::uint32_t>(value);
}

inline FloatBits bits_of(const std::vector<float>& values) {
  FloatBits bits;
  bits.reserve(values.size());
  for (const float value : values) bits.push_back(bits_of(value));
  return bits;
}

// Of floats that stand in a file, from a byte on.
inline FloatBits bits_of(const std::byte* bytes, std::size_t count) {
  std::vector<float> values(count);
  if (count > 0) std::memcpy(values.data(), bytes, count * sizeof(float));
  return bits_of(values);
}

// Of all, one after the other.
inline FloatBits bits_of(const std::vector<std::vector<float>>& all) {
  FloatBits bits;
  for (const std::vector<float>& values : all) {
    for (const float value : values) bits.push_back(bits_of(value));
  }
  return bits;
}

}  // namespace edgebin

#endif  // EDGEBIN_TESTS_BASE_FLOAT_BITS_H_
