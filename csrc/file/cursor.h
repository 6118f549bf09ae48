// Reads little-endian fields one after the other out of untrusted bytes. Every read is checked:
// it returns a value that lies wholly inside the bytes or throws Error(kModelFile) that names the
// field and its offset in the file. It knows no fields of its own, nor the rules that they follow.
#ifndef EDGEBIN_FILE_CURSOR_H_
#define EDGEBIN_FILE_CURSOR_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "graph/rules.h"

namespace edgebin {

class Cursor {
 public:
  // `offset` of the first byte in the file, for messages.
  Cursor(std::span<const std::byte> bytes, std::size_t offset) : bytes_(bytes), offset_(offset) {}

  std::uint8_t u8(std::string_view field) { return static_cast<std::uint8_t>(number(field, 1)); }
  std::uint16_t u16(std::string_view field) { return static_cast<std::uint16_t>(number(field, 2)); }
  std::uint32_t u32(std::string_view field) { return static_cast<std::uint32_t>(number(field, 4)); }
  std::uint64_t u64(std::string_view field) { return number(field, 8); }
  std::int32_t i32(std::string_view field);
  float f32(std::string_view field);

  // A u16 length and that many bytes of UTF-8.
  std::string str(std::string_view field);

  // A u32 within lowest..highest, as `rule` demands.
  std::uint32_t within(Rule rule, std::string_view field, std::uint32_t lowest,
                       std::uint32_t highest);

  // A u32 that counts things of at least `least_bytes` each, checked against the bytes left, so
  // that the caller may reserve room for them.
  std::size_t count(std::string_view field, std::size_t least_bytes);

  // `size` bytes that must be zero, as `rule` demands.
  void zero(Rule rule, std::string_view field, int size);

  // Throws if bytes are left.
  void expect_end() const;

  // Throws Error(kModelFile): `field` at its offset, and what is wrong. `back` bytes were read
  // since the field began.
  [[noreturn]] void fail(Rule rule, std::string_view field, std::string_view wrong,
                         std::size_t back = 0) const;

 private:
  std::size_t left() const { return bytes_.size() - position_; }
  std::span<const std::byte> take(std::string_view field, std::size_t size);
  std::uint64_t number(std::string_view field, int size);

  std::span<const std::byte> bytes_;
  std::size_t offset_;
  std::size_t position_ = 0;
};

}  // namespace edgebin

#endif  // EDGEBIN_FILE_CURSOR_H_
