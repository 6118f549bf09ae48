// Bits of codes into the planes of kernels.h, as the kernels write them that make codes.
#ifndef EDGEBIN_KERNELS_GENERIC_CODE_PLANES_H_
#define EDGEBIN_KERNELS_GENERIC_CODE_PLANES_H_

namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE {
namespace {

// The bytes of both planes that hold channels n and after, of pixel p.
struct PlaneBytes {
  unsigned char* low;
  unsigned char* high;
};

inline PlaneBytes plane_bytes(const CodesOut& codes, std::ptrdiff_t p, int n) {
  Word* const low = codes.words + p * codes.step;
  return {reinterpret_cast<unsigned char*>(low) + n / 8,
          reinterpret_cast<unsigned char*>(low + codes.plane) + n / 8};
}

// Stores the bits of some channels, of which n is the first, as bytes. With the last channels, bits
// up to the word's end become zero.
template <class Bits>
inline void store_bits(Bits bits, unsigned char* plane, int n, bool last) {
  if (!last) {
    __builtin_memcpy(plane, &bits, sizeof bits);
    return;
  }
  const int before = n % kWordBits;  // bits of the word that are there already
  unsigned char* const start = plane - before / 8;
  Word word = 0;
  if (before > 0) {
    __builtin_memcpy(&word, start, sizeof word);
    word &= (Word{1} << before) - 1;
  }
  word |= Word{bits} << before;
  __builtin_memcpy(start, &word, sizeof word);
}

// Zeros in the last word of each plane, some of whose bytes no channels may fill.
inline void clear_last_words(const CodesOut& codes, int pixels, int channels) {
  const int last = (channels - 1) / kWordBits;
  for (int p = 0; p < pixels; ++p) {
    Word* const plane0 = codes.words + p * codes.step + last;
    plane0[0] = 0;
    plane0[codes.plane] = 0;
  }
}

}  // namespace
}  // namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE

#endif  // EDGEBIN_KERNELS_GENERIC_CODE_PLANES_H_
