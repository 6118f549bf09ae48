// Slicing by eight: kTables[j][b] is the CRC register after byte b followed by j zero bytes, so the
// eight bytes of a step are looked up independently and the results XORed.
#include "base/crc32.h"

#include <array>

namespace edgebin {
namespace {

using Table = std::array<std::uint32_t, 256>;

constexpr std::array<Table, 8> make_tables() {
  std::array<Table, 8> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xedb88320u : 0u);
    tables[0][byte] = value;
  }
  for (std::size_t j = 1; j < 8; ++j) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[j - 1][byte];
      tables[j][byte] = (before >> 8) ^ tables[0][before & 255];
    }
  }
  return tables;
}

constexpr std::array<Table, 8> kTables = make_tables();

std::uint32_t load_le32(const std::byte* bytes) {
  return std::to_integer<std::uint32_t>(bytes[0]) | std::to_integer<std::uint32_t>(bytes[1]) << 8 |
         std::to_integer<std::uint32_t>(bytes[2]) << 16 |
         std::to_integer<std::uint32_t>(bytes[3]) << 24;
}

}  // namespace

std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t crc) noexcept {
  const std::byte* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint32_t state = ~crc;
  for (; left >= 8; left -= 8, at += 8) {
    const std::uint32_t low = state ^ load_le32(at);
    const std::uint32_t high = load_le32(at + 4);
    state = kTables[7][low & 255] ^ kTables[6][low >> 8 & 255] ^ kTables[5][low >> 16 & 255] ^
            kTables[4][low >> 24] ^ kTables[3][high & 255] ^ kTables[2][high >> 8 & 255] ^
            kTables[1][high >> 16 & 255] ^ kTables[0][high >> 24];
  }
  for (; left > 0; --left, ++at) {
    state = state >> 8 ^ kTables[0][(state ^ std::to_integer<std::uint32_t>(*at)) & 255];
  }
  return ~state;
}

}  // namespace edgebin
