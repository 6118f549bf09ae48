// Product of bytes and 8-bit weights: signed products of 8 bits, two of them to a 16-bit lane,
// which a pairwise sum widens. Lanes are k.
//
//   instruction       latency  A57, A72 ports  A76 ports   per 16 k of a pixel and a channel
//   smull               4        F0              V0          1
//   smlsl2              4        F0              V0          1
//   sadalp              4        F1              V1          1
//   ldr (16 B)          5        L               L0 L1       1/4 weights, 1/4 row
//   Bottleneck: the multiplies, on one port: 16 MAC in two cycles, 8 MAC/cycle; an A53 issues one
//   of the three a cycle: 5.3.
//
// Bound. Bytes a of a row become signed, of a unit's lower half as a - 128, of its upper half as
// 127 - a, whose products are subtracted. So a lane holds one number of -16,256 to 16,384 and one
// of -16,384 to 16,256, whose sum fits 16 bits for all weights, and the sums lack 128 times the
// weights of the lower halves and 127 times those of the upper ones: they start there.
//
// Rows are turned into signed bytes on the stack, a block at a time, once for all channels.
#include <arm_neon.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::neon {
namespace {

constexpr int kTile = 4;  // channels
constexpr int kUnit = 16;
#ifdef __aarch64__
constexpr int kGroup = 4;  // pixels that share the loads of weights
#else
constexpr int kGroup = 2;  // there are half as many registers
#endif
constexpr int kMaxPixels = 16;   // of a block
constexpr int kMaxBytes = 8192;  // of a block, all pixels together
constexpr int kMaxDepth = 1024;  // of a block: its weights of a tile are read twice

// A block of signed bytes, [pixels][depth].
struct Block {
  const std::int8_t* rows;
  int depth;
  bool first;  // of the row: sums start here
};

// What 32-bit ARM lacks.
#ifdef __aarch64__
inline int16x8_t subtract_upper(int16x8_t sum, int8x16_t a, int8x16_t b) {
  return vmlsl_high_s8(sum, a, b);
}
inline int32x4_t pairs(int32x4_t a, int32x4_t b) { return vpaddq_s32(a, b); }
#else
inline int16x8_t subtract_upper(int16x8_t sum, int8x16_t a, int8x16_t b) {
  return vmlsl_s8(sum, vget_high_s8(a), vget_high_s8(b));
}
inline int32x4_t pairs(int32x4_t a, int32x4_t b) {
  return vcombine_s32(vpadd_s32(vget_low_s32(a), vget_high_s32(a)),
                      vpadd_s32(vget_low_s32(b), vget_high_s32(b)));
}
#endif

// Four vectors of one pixel or of none, a channel each. (Named members: gcc 12 keeps an array of
// arrays in memory.)
struct Four {
  int32x4_t a, b, c, d;
};

inline int32x4_t add_products(int32x4_t sum, int8x16_t row, int8x16_t weights) {
  const int16x8_t low = vmull_s8(vget_low_s8(row), vget_low_s8(weights));
  return vpadalq_s16(sum, subtract_upper(low, row, weights));
}

inline int32x4_t add_weights(int32x4_t sum, int8x16_t weights) {
  return vpadalq_s16(sum, vpaddlq_s8(weights));
}

// What the sums of a block lack, in the lanes of each channel.
Four lacking(const std::int8_t* weights, int depth) {
  const int32x4_t zero = vdupq_n_s32(0);
  Four sum = {zero, zero, zero, zero};
  for (int k = 0; k < depth; k += kUnit, weights += kTile * kUnit) {
    sum = {add_weights(sum.a, vld1q_s8(weights)), add_weights(sum.b, vld1q_s8(weights + kUnit)),
           add_weights(sum.c, vld1q_s8(weights + 2 * kUnit)),
           add_weights(sum.d, vld1q_s8(weights + 3 * kUnit))};
  }
  const int32x4_t times = vcombine_s32(vdup_n_s32(128), vdup_n_s32(127));
  return {vmulq_s32(sum.a, times), vmulq_s32(sum.b, times), vmulq_s32(sum.c, times),
          vmulq_s32(sum.d, times)};
}

// acc[p][0..kTile) = the block's sums, added to what was there unless it is the first.
template <int kPixels>
void tile(const Block& block, const std::int8_t* weights, const Four& start, std::int32_t* acc,
          std::ptrdiff_t channels) {
  const std::ptrdiff_t depth = block.depth;
  const std::int8_t* const rows = block.rows;
  Four sum[kPixels];
  for (int p = 0; p < kPixels; ++p) sum[p] = start;
  for (std::ptrdiff_t k = 0; k < depth; k += kUnit, weights += kTile * kUnit) {
    const int8x16_t a = vld1q_s8(weights);
    const int8x16_t b = vld1q_s8(weights + kUnit);
    const int8x16_t c = vld1q_s8(weights + 2 * kUnit);
    const int8x16_t d = vld1q_s8(weights + 3 * kUnit);
    for (int p = 0; p < kPixels; ++p) {
      const int8x16_t row = vld1q_s8(rows + p * depth + k);
      sum[p] = {add_products(sum[p].a, row, a), add_products(sum[p].b, row, b),
                add_products(sum[p].c, row, c), add_products(sum[p].d, row, d)};
    }
  }
  for (int p = 0; p < kPixels; ++p) {
    std::int32_t* const at = acc + p * channels;
    const int32x4_t part = pairs(pairs(sum[p].a, sum[p].b), pairs(sum[p].c, sum[p].d));
    vst1q_s32(at, block.first ? part : vaddq_s32(vld1q_s32(at), part));
  }
}

// One tile of channels, all pixels of a block.
void pixels_of(Block block, int pixels, const std::int8_t* weights, std::int32_t* acc,
               int channels) {
  const Four start = lacking(weights, block.depth);
  for (; pixels >= kGroup; pixels -= kGroup) {
    tile<kGroup>(block, weights, start, acc, channels);
    block.rows += std::ptrdiff_t{kGroup} * block.depth;
    acc += std::ptrdiff_t{kGroup} * channels;
  }
  switch (pixels) {
    case 3:
      return tile<3>(block, weights, start, acc, channels);
    case 2:
      return tile<2>(block, weights, start, acc, channels);
    case 1:
      return tile<1>(block, weights, start, acc, channels);
    default:
      return;
  }
}

void turn(const std::uint8_t* row, std::int8_t* to, int depth) {
  const uint8x16_t halves = vcombine_u8(vdup_n_u8(0x80), vdup_n_u8(0x7f));
  for (int k = 0; k < depth; k += kUnit) {
    vst1q_s8(to + k, vreinterpretq_s8_u8(veorq_u8(vld1q_u8(row + k), halves)));
  }
}

// Up to kMaxPixels pixels.
void row_tile(const std::uint8_t* rows, const std::int8_t* weights, std::int32_t* acc, int pixels,
              int channels, int depth) {
  alignas(kUnit) std::int8_t turned[kMaxBytes];
  const int fit = kMaxBytes / pixels / kUnit * kUnit;
  const int most = fit < kMaxDepth ? fit : kMaxDepth;
  for (int k = 0; k < depth; k += most) {
    const Block block = {turned, depth - k < most ? depth - k : most, k == 0};
    for (int p = 0; p < pixels; ++p) {
      turn(rows + std::ptrdiff_t{p} * depth + k, turned + std::ptrdiff_t{p} * block.depth,
           block.depth);
    }
    for (int n = 0; n < channels; n += kTile) {
      pixels_of(block, pixels, weights + std::ptrdiff_t{n} * depth + std::ptrdiff_t{k} * kTile,
                acc + n, channels);
    }
  }
}

void u8s8(const std::uint8_t* rows, const std::int8_t* weights, std::int32_t* acc, int pixels,
          int channels, int depth) {
  for (int p = 0; p < pixels; p += kMaxPixels) {
    row_tile(rows + std::ptrdiff_t{p} * depth, weights, acc + std::ptrdiff_t{p} * channels,
             pixels - p < kMaxPixels ? pixels - p : kMaxPixels, channels, depth);
  }
}

}  // namespace

void install_u8s8(Kernels& kernels) {
  kernels.u8s8_tile = kTile;
  kernels.u8s8_unit = kUnit;
  kernels.u8s8 = u8s8;
}

}  // namespace edgebin::kernels::neon
