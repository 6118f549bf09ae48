// Product of u8 inputs and s8 weights: signed products of 8 bits, two of them to a 16-bit lane,
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
// Bound. A byte a in the lower half of a unit becomes a - 128, in the upper half 127 - a, whose
// products are subtracted. So a 16-bit lane adds one number of -16,256 to 16,384 and one of -16,384
// to 16,256, whose sum fits for all weights, and the sums lack 128 times the weights of the lower
// halves and 127 times those of the upper ones: they start there (generic/u8s8_signed.h).
#include <arm_neon.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::neon {
namespace {

constexpr int kTile = 4;  // channels
constexpr int kUnit = 16;
#ifdef __aarch64__
constexpr int kRows = 4;  // pixels that share the loads of weights
#else
constexpr int kRows = 2;  // there are half as many registers
#endif
constexpr int kVector = kUnit;

// A block of signed bytes: `depth` of each pixel, those of pixel p from p * step on.
struct Block {
  const std::int8_t* rows;
  int depth;
  int step;
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

using Start = Four;

inline int32x4_t add_products(int32x4_t sum, int8x16_t row, int8x16_t weights) {
  const int16x8_t low = vmull_s8(vget_low_s8(row), vget_low_s8(weights));
  return vpadalq_s16(sum, subtract_upper(low, row, weights));
}

inline int32x4_t add_weights(int32x4_t sum, int8x16_t weights) {
  return vpadalq_s16(sum, vpaddlq_s8(weights));
}

// What the sums of a block lack, in the lanes of each channel.
Start start_of(const std::int8_t* weights, int depth) {
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
void multiply_tile(const Block& block, const std::int8_t* weights, const Start& start,
                   std::int32_t* acc, std::ptrdiff_t channels) {
  const std::ptrdiff_t depth = block.depth;
  const std::ptrdiff_t step = block.step;
  const std::int8_t* const rows = block.rows;
  Four sum[kPixels];
  for (int p = 0; p < kPixels; ++p) sum[p] = start;
  for (std::ptrdiff_t k = 0; k < depth; k += kUnit, weights += kTile * kUnit) {
    const int8x16_t a = vld1q_s8(weights);
    const int8x16_t b = vld1q_s8(weights + kUnit);
    const int8x16_t c = vld1q_s8(weights + 2 * kUnit);
    const int8x16_t d = vld1q_s8(weights + 3 * kUnit);
    for (int p = 0; p < kPixels; ++p) {
      const int8x16_t row = vld1q_s8(rows + p * step + k);
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

void make_signed(const std::uint8_t* row, std::int8_t* to, int depth) {
  const uint8x16_t halves = vcombine_u8(vdup_n_u8(0x80), vdup_n_u8(0x7f));
  for (int k = 0; k < depth; k += kUnit) {
    vst1q_s8(to + k, vreinterpretq_s8_u8(veorq_u8(vld1q_u8(row + k), halves)));
  }
}

}  // namespace
}  // namespace edgebin::kernels::neon

#include "kernels/generic/u8s8_signed.h"
