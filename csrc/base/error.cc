#include "base/error.h"

#include <cstddef>

namespace edgebin {
namespace {

constexpr std::size_t kLongestName = 120;

// A longer message loses its middle; its end has what was found, and the code of a rule.
constexpr std::size_t kLongestMessage = 500;
constexpr std::size_t kLongestTail = 160;
constexpr std::string_view kCut = " ... ";

// Whether the byte continues a UTF-8 character.
bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

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
  while (end > 0 && continues(name[end])) --end;
  return name.substr(0, end);
}

// The message in at most kLongestMessage bytes. No UTF-8 character is split.
std::string bounded(const std::string& message) {
  if (message.size() <= kLongestMessage) return message;
  std::size_t head = kLongestMessage - kLongestTail - kCut.size();
  std::size_t tail = message.size() - kLongestTail;
  while (head > 0 && continues(message[head])) --head;
  while (tail < message.size() && continues(message[tail])) ++tail;
  return message.substr(0, head).append(kCut).append(message, tail);
}

}  // namespace

Error::Error(ErrorKind kind, const std::string& message, std::string_view code)
    : std::runtime_error(bounded(message)), kind_(kind), code_(code) {}

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
