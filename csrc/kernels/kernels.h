// The contract of every kernel: its formula, the layout of its operands, its bounds.
//
// Kernels take raw pointers and counts. They know no tensors, no threads, no files, allocate
// nothing and never fail. Every implementation (one folder per instruction set) gives the same
// bits for the same operands. Every count is at least 1. This header is all that an instruction-set
// folder may include of edgebin, and it includes nothing that could emit code there.
#ifndef EDGEBIN_KERNELS_KERNELS_H_
#define EDGEBIN_KERNELS_KERNELS_H_

#include <cstddef>
#include <cstdint>

namespace edgebin::kernels {

// A plane holds one bit of each code, 64 channels to a word, channel 0 in the lowest bit.
using Word = std::uint64_t;
inline constexpr int kWordBits = 64;

// Bit-serial product of codes and binary weights.
//
//   acc[p][n] = sum over k of b[n][k] * u[p][k],   b in {-1, +1}, u in {0, 1, 2, 3}
//             = 2 * (|w & plane0| + 2 |w & plane1|) - (|plane0| + 2 |plane1|),
//   where w holds bit (b + 1) / 2 and |.| counts bits.
//
//   patches  [pixels][2][words]: plane 0, then plane 1 of each patch; bits past the row's length
//            are zero in both planes (the weights there may be anything).
//   weights  [channels / bit_tile][words][bit_tile]
//   acc      [pixels][channels]; channels is a multiple of bit_tile
//   words    at most 65,536 (so that an i32 holds the sum)
using BitSerialFn = void (*)(const Word* patches, const Word* weights, std::int32_t* acc,
                             int pixels, int channels, int words);

// Integer product of bytes and 8-bit weights, exact (nothing saturates).
//
//   acc[p][n] = sum over k of w[n][k] * a[p][k]
//
//   rows     [pixels][depth] u8; depth is even, padded with zeros
//   weights  [channels / byte_tile][depth / 2][byte_tile][2] i16, each within -128..127
//   acc      [pixels][channels]; channels is a multiple of byte_tile
using ByteFn = void (*)(const std::uint8_t* rows, const std::int16_t* weights, std::int32_t* acc,
                        int pixels, int channels, int depth);

// Single-precision product; k ascending, each product and each sum rounded, starting at +0.
//
//   acc[p][n] = sum over k of a[p][k] * w[n][k]
//
//   rows     [pixels][depth] f32
//   weights  [channels / float_tile][depth][float_tile] f32
//   acc      [pixels][channels]; channels is a multiple of float_tile
using FloatFn = void (*)(const float* rows, const float* weights, float* acc, int pixels,
                         int channels, int depth);

// Codes of integer accumulators, one pixel: code[n] = number of j with acc[n] > t[j][n].
//
//   thresholds  [3][stride] i32, ascending in j; stride >= channels
//   plane0, plane1  ceil(channels / 64) words each; bits past channels are written as zero
using ThresholdFn = void (*)(const std::int32_t* acc, const std::int32_t* thresholds, int stride,
                             int channels, Word* plane0, Word* plane1);

// Codes of real values, one pixel: code[c] = number of j with sign[c] * x[c] > t[j][c].
// Operands as above; sign holds +1.0f or -1.0f.
using QuantizeFn = void (*)(const float* x, const float* sign, const float* thresholds, int stride,
                            int channels, Word* plane0, Word* plane1);

// y[n] = f32(acc[n]) * scale[n] + bias[n], product and sum each rounded.
using ScaleFn = void (*)(const std::int32_t* acc, const float* scale, const float* bias,
                         int channels, float* y);

// One implementation of all of the above, and the tile shapes that its operands are laid out in.
struct Kernels {
  const char* isa;
  int bit_tile;
  int byte_tile;
  int float_tile;
  BitSerialFn bit_serial;
  ByteFn byte;
  FloatFn real;
  ThresholdFn threshold;
  QuantizeFn quantize;
  ScaleFn scale;
};

}  // namespace edgebin::kernels

#endif  // EDGEBIN_KERNELS_KERNELS_H_
