// The hash depends on the elements of a value alone: not on their layout in memory, and not on
// which NaN an operation returned.
#include "runtime/fingerprint/value_hash.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <vector>

#include "base/crc32.h"
#include "ops/layout.h"

namespace edgebin {
namespace {

std::uint32_t hash_of(const std::vector<float>& values) {
  const Shape shape = {1, 1, static_cast<int>(values.size())};
  return value_hash({DType::kF32, shape}, std::as_bytes(std::span(values)));
}

std::vector<float> with(std::uint32_t bits) {
  std::vector<float> values(1000, 1.5f);
  values[997] = std::bit_cast<float>(bits);
  return values;
}

TEST(ValueHash, FloatsAreHashedAsTheyLie) {
  const std::vector<float> values = with(0x80000001);
  EXPECT_EQ(hash_of(values), crc32(std::as_bytes(std::span(values))));
  EXPECT_NE(hash_of(with(0x80000000)), hash_of(with(0)));
}

TEST(ValueHash, EveryNanIsTheSame) {
  const std::uint32_t one = hash_of(with(0x7fc00000));
  for (const std::uint32_t bits : {0xffc00000u, 0x7f800001u, 0xffffffffu, 0x7fc12345u}) {
    EXPECT_EQ(hash_of(with(bits)), one);
  }
  EXPECT_NE(hash_of(with(0x7f800000)), one);  // infinity is a number
}

TEST(ValueHash, CodesAreHashedAsBytes) {
  for (const int channels : {1, 63, 64, 65, 200}) {
    const ValueType type = {DType::kCode, {3, 2, channels}};
    std::vector<Word> planes(static_cast<std::size_t>(value_bytes(type)) / sizeof(Word));
    std::vector<std::uint8_t> codes;
    for (int pixel = 0; pixel < 6; ++pixel) {
      Word* const to = planes_of(planes.data(), pixel, channels);
      for (int c = 0; c < channels; ++c) {
        const auto code = static_cast<Word>((7 * pixel + 5 * c + c / 9) % 4);
        codes.push_back(static_cast<std::uint8_t>(code));
        to[c / 64] |= (code & 1) << c % 64;
        to[plane_words(channels) + c / 64] |= (code >> 1) << c % 64;
      }
    }
    EXPECT_EQ(value_hash(type, std::as_bytes(std::span(planes))),
              crc32(std::as_bytes(std::span(codes))));
  }
}

}  // namespace
}  // namespace edgebin
