#include "base/error.h"

#include <cstddef>

namespace edgebin {
namespace {

constexpr std::size_t kLongestName = 120;

void append_escaped(std::string& out, unsigned char byte) {
  constexpr char kHex[] = "0123456789abcdef";
  if (byte == '"' || byte == '\\') {
    out += '\\';
    out += static_cast<char>(byte);
  } else if (byte < 0x20 || byte == 0x7f) {
    out += "\\x";
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  } else {
    out += static_cast<char>(byte);
  }
}

// The longest prefix of at most kLongestName bytes that does not split a UTF-8 character.
std::string_view shortened(std::string_view name) {
  if (name.size() <= kLongestName) return name;
  std::size_t end = kLongestName;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;
  return name.substr(0, end);
}

}  // namespace

Error::Error(ErrorKind kind, const std::string& message, std::string_view code)
    : std::runtime_error(message), kind_(kind), code_(code) {}

std::string quoted(std::string_view name) {
  const std::string_view kept = shortened(name);
  std::string out = "\"";
  for (const char byte : kept) append_escaped(out, static_cast<unsigned char>(byte));
  if (kept.size() < name.size()) out += "...";
  out += '"';
  return out;
}

std::string hexadecimal(std::uint32_t value) {
  std::string digits(8, '0');
  for (std::size_t i = digits.size(); i-- > 0; value >>= 4) {
    digits[i] = "0123456789abcdef"[value & 15];
  }
  return "0x" + digits;
}

}  // namespace edgebin
