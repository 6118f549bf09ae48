#include "file/cursor.h"

#include <bit>

#include "base/error.h"
#include "file/utf8.h"

namespace edgebin {

void Cursor::fail(Rule rule, std::string_view field, std::string_view wrong,
                  std::size_t back) const {
  refuse_file(rule, message(field, " at byte ", offset_ + position_ - back, ": ", wrong));
}

std::span<const std::byte> Cursor::take(std::string_view field, std::size_t size) {
  if (size > left()) {
    fail(Rule::kHeaderShort, field, message("needs ", size, " bytes, ", left(), " are left"));
  }
  const auto taken = bytes_.subspan(position_, size);
  position_ += size;
  return taken;
}

std::uint64_t Cursor::number(std::string_view field, int size) {
  const auto taken = take(field, static_cast<std::size_t>(size));
  std::uint64_t value = 0;
  for (int i = size - 1; i >= 0; --i) value = value << 8 | std::to_integer<std::uint64_t>(taken[i]);
  return value;
}

std::int32_t Cursor::i32(std::string_view field) { return std::bit_cast<std::int32_t>(u32(field)); }

float Cursor::f32(std::string_view field) { return std::bit_cast<float>(u32(field)); }

std::string Cursor::str(std::string_view field) {
  const std::size_t size = u16(field);
  const auto taken = take(field, size);
  std::string text(reinterpret_cast<const char*>(taken.data()), size);
  if (!is_utf8(text)) fail(Rule::kHeaderUtf8, field, "is not UTF-8", size + 2);
  return text;
}

std::uint32_t Cursor::within(Rule rule, std::string_view field, std::uint32_t lowest,
                             std::uint32_t highest) {
  const std::uint32_t value = u32(field);
  if (value < lowest || value > highest) {
    fail(rule, field, message("is ", value, ", expected ", lowest, " to ", highest), 4);
  }
  return value;
}

int Cursor::below(Rule rule, std::string_view field, int count) {
  const int value = u8(field);
  if (value >= count) fail(rule, field, message("is ", value, ", expected 0 to ", count - 1), 1);
  return value;
}

std::size_t Cursor::count(std::string_view field, std::size_t min_bytes) {
  const std::size_t value = u32(field);
  if (value > left() / min_bytes) {
    fail(Rule::kHeaderCount, field,
         message("is ", value, ", the ", left(), " bytes left hold at most ", left() / min_bytes),
         4);
  }
  return value;
}

void Cursor::zero(Rule rule, std::string_view field, int size) {
  const std::uint64_t value = number(field, size);
  if (value == 0) return;
  fail(rule, field, message("is ", value, ", expected 0"), static_cast<std::size_t>(size));
}

void Cursor::expect_end() const {
  if (left() == 0) return;
  fail(Rule::kHeaderEnd, "header", message("has ", left(), " bytes after its last field"));
}

}  // namespace edgebin
