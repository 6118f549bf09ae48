#include "ops/shape/code_bytes.h"

namespace edgebin {
namespace {

// Bits 0 of eight bytes, the first byte's lowest.
Word low_bits_of_bytes(Word bytes) {
  return (bytes & 0x0101010101010101u) * 0x0102040810204080u >> 56;
}

}  // namespace

void expand_pixel(kernels::ExpandFn expand, const Word* planes, int channels, std::uint8_t* bytes) {
  const int words = plane_words(channels);
  const int padded = words * kernels::kWordBits;
  expand({.words = planes,
          .step = std::ptrdiff_t{2} * words,
          .plane = words,
          .pixels = 1,
          .channels = padded,
          .bytes = bytes,
          .byte_step = padded});
}

void pack_pixel(std::uint8_t* bytes, int channels, Word* planes) {
  const int words = plane_words(channels);
  for (int c = channels; c < words * kernels::kWordBits; ++c) bytes[c] = 0;
  for (int word = 0; word < words; ++word) {
    Word low = 0;
    Word high = 0;
    for (int k = 0; k < kernels::kWordBits; k += 8, bytes += 8) {
      Word eight = 0;
      for (int b = 0; b < 8; ++b) eight |= Word{bytes[b]} << (8 * b);
      low |= low_bits_of_bytes(eight) << k;
      high |= low_bits_of_bytes(eight >> 1) << k;
    }
    planes[word] = low;
    planes[words + word] = high;
  }
}

}  // namespace edgebin
