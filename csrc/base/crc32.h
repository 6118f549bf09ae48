// CRC-32 as zlib computes it: reflected polynomial 0xedb88320, initial value and final XOR all
// ones. It detects damage to a file; it does not authenticate it.
#ifndef EDGEBIN_BASE_CRC32_H_
#define EDGEBIN_BASE_CRC32_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace edgebin {

// Continues the CRC `crc` of preceding bytes with `bytes`; 0 is the CRC of no bytes.
// crc32(b, crc32(a)) == crc32(a followed by b).
std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t crc = 0) noexcept;

}  // namespace edgebin

#endif  // EDGEBIN_BASE_CRC32_H_
