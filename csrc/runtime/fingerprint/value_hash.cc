#include "runtime/fingerprint/value_hash.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/crc32.h"
#include "ops/layout.h"

namespace edgebin {
namespace {

constexpr std::uint32_t kInfinity = 0x7f800000;
constexpr std::uint32_t kNan = 0x7fc00000;  // replaces every NaN

std::uint32_t hash_of_floats(std::span<const std::byte> bytes) noexcept {
  std::array<std::uint32_t, 256> block{};
  std::uint32_t crc = 0;
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.size(), sizeof block);
    std::memcpy(block.data(), bytes.data(), size);
    for (std::uint32_t& bits : block) {
      if ((bits & 0x7fffffff) > kInfinity) bits = kNan;
    }
    crc = crc32(std::as_bytes(std::span(block)).first(size), crc);
    bytes = bytes.subspan(size);
  }
  return crc;
}

std::uint32_t hash_of_codes(const Shape& shape, const Word* value) noexcept {
  std::array<std::byte, kernels::kWordBits> codes{};
  const int words = plane_words(shape.c);
  std::uint32_t crc = 0;
  for (std::ptrdiff_t pixel = 0; pixel < shape.pixels(); ++pixel) {
    const Word* const planes = planes_of(value, pixel, shape.c);
    for (int word = 0; word < words; ++word) {
      const int count = std::min(kernels::kWordBits, shape.c - word * kernels::kWordBits);
      for (int bit = 0; bit < count; ++bit) {
        const Word low = planes[word] >> bit & 1;
        const Word high = planes[words + word] >> bit & 1;
        codes[bit] = static_cast<std::byte>(low + 2 * high);
      }
      crc = crc32(std::span(codes).first(count), crc);
    }
  }
  return crc;
}

}  // namespace

std::uint32_t value_hash(const ValueType& type, std::span<const std::byte> bytes) noexcept {
  if (type.dtype == DType::kU8) return crc32(bytes);
  if (type.dtype == DType::kF32) return hash_of_floats(bytes);
  return hash_of_codes(type.shape, elements_of<Word>(bytes));
}

}  // namespace edgebin
