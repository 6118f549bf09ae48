#include "cli/io/text.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace edgebin::cli {
namespace {

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

// The length of a character by its first byte; 0 if no character starts with it.
int bytes_of(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

// False for control characters and for characters that are invisible or change the direction or the
// lines of text.
bool is_printable(std::uint32_t code) {
  struct Range {
    std::uint32_t first;
    std::uint32_t last;
  };
  constexpr std::array<Range, 6> kHidden = {{{0, 0x1f},
                                             {0x7f, 0xa0},
                                             {0x200b, 0x200f},
                                             {0x2028, 0x202e},
                                             {0x2060, 0x206f},
                                             {0xfeff, 0xfeff}}};
  return std::ranges::none_of(
      kHidden, [&](const Range& range) { return range.first <= code && code <= range.last; });
}

std::string escaped(std::uint32_t code) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), code < 0x100 ? "\\x%02x" : "\\u%04x",
                static_cast<unsigned>(code));
  return text.data();
}

}  // namespace

Character first_character(std::string_view text) {
  constexpr std::array<std::uint32_t, 5> kMinCode = {0, 0, 0x80, 0x800, 0x10000};
  const auto first = static_cast<unsigned char>(text.front());
  const int bytes = bytes_of(first);
  const Character wrong = {first, 1, false};
  if (bytes == 0 || text.size() < static_cast<std::size_t>(bytes)) return wrong;
  if (bytes == 1) return {first, 1, true};
  std::uint32_t code = first & (0x7fu >> bytes);
  for (int i = 1; i < bytes; ++i) {
    if (!is_continuation(text[static_cast<std::size_t>(i)])) return wrong;
    code = code << 6 | (static_cast<unsigned char>(text[static_cast<std::size_t>(i)]) & 0x3fu);
  }
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  if (code < kMinCode[static_cast<std::size_t>(bytes)] || code > 0x10ffff || surrogate)
    return wrong;
  return {code, bytes, true};
}

std::string plain(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Character next = first_character(text);
    const auto bytes = static_cast<std::size_t>(next.bytes);
    if (next.valid && is_printable(next.code)) {
      out += text.substr(0, bytes);
    } else {
      out += escaped(next.code);
    }
    text.remove_prefix(bytes);
  }
  return out;
}

std::size_t length(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char byte) { return !is_continuation(byte); }));
}

std::string decimal(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string significant(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*g", digits, value);
  return text.data();
}

std::string size(std::uint64_t bytes) {
  if (bytes < 1000) return std::to_string(bytes) + " B";
  const auto value = static_cast<double>(bytes);
  return bytes < 1000000 ? decimal(value / 1e3, 1) + " kB" : decimal(value / 1e6, 2) + " MB";
}

std::string counted(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace edgebin::cli
