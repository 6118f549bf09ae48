// CRC-32 as zlib computes it: reflected polynomial 0xedb88320, all ones before and after. It finds
// damage in a file; it proves nothing about who wrote it.
#ifndef EDGEBIN_BASE_CRC32_H_
#define EDGEBIN_BASE_CRC32_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace edgebin {

// The CRC of what `crc` already covers followed by `bytes`; 0 covers nothing.
// crc32(b, crc32(a)) == crc32(a followed by b).
std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t crc = 0) noexcept;

}  // namespace edgebin

#endif  // EDGEBIN_BASE_CRC32_H_
