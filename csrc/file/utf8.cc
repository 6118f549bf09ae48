#include "file/utf8.h"

#include <cstddef>

namespace edgebin {
namespace {

// Bytes of the sequence that starts with `lead`, and the range of its second byte; the ones after
// that are 0x80..0xbf. Length 0: no sequence starts so.
struct Sequence {
  std::size_t length;
  unsigned char lowest;
  unsigned char highest;
};

Sequence sequence_of(unsigned char lead) {
  if (lead < 0x80) return {1, 0, 0};
  if (lead < 0xc2) return {0, 0, 0};
  if (lead < 0xe0) return {2, 0x80, 0xbf};
  if (lead == 0xe0) return {3, 0xa0, 0xbf};  // below: overlong
  if (lead == 0xed) return {3, 0x80, 0x9f};  // above: surrogates
  if (lead < 0xf0) return {3, 0x80, 0xbf};
  if (lead == 0xf0) return {4, 0x90, 0xbf};  // below: overlong
  if (lead < 0xf4) return {4, 0x80, 0xbf};
  if (lead == 0xf4) return {4, 0x80, 0x8f};  // above: past U+10FFFF
  return {0, 0, 0};
}

}  // namespace

bool is_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    const Sequence sequence = sequence_of(byte(i));
    if (sequence.length == 0 || sequence.length > text.size() - i) return false;
    for (std::size_t j = 1; j < sequence.length; ++j) {
      const unsigned char lowest = j == 1 ? sequence.lowest : 0x80;
      const unsigned char highest = j == 1 ? sequence.highest : 0xbf;
      if (byte(i + j) < lowest || byte(i + j) > highest) return false;
    }
    i += sequence.length;
  }
  return true;
}

}  // namespace edgebin
