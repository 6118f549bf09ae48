// Reads little-endian fields in sequence from untrusted bytes. Every read is bounds-checked: it
// returns a value that lies entirely inside the bytes or throws Error(kModelFile), which names the
// field and its offset in the file.
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
  // `offset` is that of the first byte in the file, for error messages.
  Cursor(std::span<const std::byte> bytes, std::size_t offset) : bytes_(bytes), offset_(offset) {}

  std::uint8_t u8(std::string_view field) { return static_cast<std::uint8_t>(number(field, 1)); }
  std::uint16_t u16(std::string_view field) { return static_cast<std::uint16_t>(number(field, 2)); }
  std::uint32_t u32(std::string_view field) { return static_cast<std::uint32_t>(number(field, 4)); }
  std::uint64_t u64(std::string_view field) { return number(field, 8); }
  std::int32_t i32(std::string_view field);
  float f32(std::string_view field);

  // Reads a u16 length and that many bytes of UTF-8.
  std::string str(std::string_view field);

  // Reads a u32 that `rule` requires to be within lowest..highest.
  std::uint32_t within(Rule rule, std::string_view field, std::uint32_t lowest,
                       std::uint32_t highest);

  // Reads a u8 that `rule` requires to be less than `count`.
  int below(Rule rule, std::string_view field, int count);

  // The same as an enumeration numbered from 0.
  template <class Enum>
  Enum one_of(Rule rule, std::string_view field, int count) {
    return static_cast<Enum>(below(rule, field, count));
  }

  // Reads a u32 that counts entries of at least `min_bytes` each, and checks it against the bytes
  // left, so that the caller may allocate memory for the entries.
  std::size_t count(std::string_view field, std::size_t min_bytes);

  // Reads `size` bytes that `rule` requires to be zero.
  void zero(Rule rule, std::string_view field, int size);

  // Throws if bytes are left.
  void expect_end() const;

  // Throws Error(kModelFile) that names `field`, its offset and what is wrong. `back` is the number
  // of bytes read since the field began.
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
