// CRC-32 against values of zlib and against its definition one bit at a time, whole and in parts.
#include "base/crc32.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <random>
#include <span>
#include <string_view>
#include <vector>

namespace edgebin {
namespace {

std::uint32_t crc32_of(std::string_view text) { return crc32(std::as_bytes(std::span(text))); }

TEST(Crc32, AgreesWithZlib) {
  EXPECT_EQ(crc32_of(""), 0u);
  EXPECT_EQ(crc32_of("a"), 0xe8b7be43u);
  EXPECT_EQ(crc32_of("123456789"), 0xcbf43926u);
  EXPECT_EQ(crc32_of("The quick brown fox jumps over the lazy dog"), 0x414fa339u);
  EXPECT_EQ(crc32(std::vector<std::byte>(32)), 0x190a55adu);
  EXPECT_EQ(crc32(std::vector<std::byte>(32, std::byte{0xff})), 0xff6cab0bu);
}

// One bit at a time, as the polynomial defines it.
std::uint32_t slow_crc32(std::span<const std::byte> bytes) {
  std::uint32_t state = 0xffffffff;
  for (const std::byte byte : bytes) {
    state ^= std::to_integer<std::uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit) state = state >> 1 ^ (state % 2 != 0 ? 0xedb88320u : 0u);
  }
  return ~state;
}

TEST(Crc32, AgreesWithItsDefinitionAndContinues) {
  std::mt19937 random(1);
  std::vector<std::byte> bytes(100);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random() & 255);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const std::span<const std::byte> head(bytes.data(), size);
    EXPECT_EQ(crc32(head), slow_crc32(head)) << size << " bytes";
    EXPECT_EQ(crc32(std::span(bytes).subspan(size), crc32(head)), crc32(bytes)) << size << " bytes";
  }
}

}  // namespace
}  // namespace edgebin
