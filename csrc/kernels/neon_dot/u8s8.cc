// Product of u8 inputs and s8 weights: SDOT, whose lanes are channels, by an element of four k.
//
//   instruction       latency  A76 ports   per 16 channels x 4 k of a pixel
//   sdot (element)      4        V0 V1       4
//   ldr (16 B)          5        L0 L1       1 of weights (four are shared by four pixels), 1/4 row
//   Bottleneck: SDOT, 2 per cycle: 32 MAC/cycle.
//
// Bound. SDOT takes signed bytes: a byte a of a row becomes a - 128, and the sums start at what
// they then lack, 128 times the weights (generic/u8s8_signed.h). Nothing narrower than 32 bits is
// added.
#include <arm_neon.h>

#include "kernels/kernels.h"

namespace edgebin::kernels::neon_dot {
namespace {

constexpr int kUnit = 4;
constexpr int kTile = 16;    // channels
constexpr int kVector = 16;  // bytes
constexpr int kRows = 4;     // pixels that share the loads of weights

// A block of signed bytes: `depth` of each pixel, those of pixel p from p * step on.
struct Block {
  const std::int8_t* rows;
  int depth;
  int step;
  bool first;  // of the row: sums start here
};

// A tile of channels of one pixel. (Named members: gcc 12 keeps an array of arrays in memory.)
struct Sums {
  int32x4_t a, b, c, d;
};

using Start = Sums;

// A tile's weights of one unit.
struct Weights {
  int8x16_t a, b, c, d;
};

inline Weights load(const std::int8_t* at) {
  return {vld1q_s8(at), vld1q_s8(at + kVector), vld1q_s8(at + 2 * kVector),
          vld1q_s8(at + 3 * kVector)};
}

// Adds the products with unit kLane of the row's four.
template <int kLane>
inline Sums add_products(const Sums& sum, const Weights& weights, int8x16_t row) {
  return {
      vdotq_laneq_s32(sum.a, weights.a, row, kLane), vdotq_laneq_s32(sum.b, weights.b, row, kLane),
      vdotq_laneq_s32(sum.c, weights.c, row, kLane), vdotq_laneq_s32(sum.d, weights.d, row, kLane)};
}

template <int kLane, int kPixels>
inline void unit(Sums* sum, const std::int8_t*& weights, const int8x16_t* rows) {
  const Weights of_unit = load(weights);
  weights += kTile * kUnit;
  for (int p = 0; p < kPixels; ++p) sum[p] = add_products<kLane>(sum[p], of_unit, rows[p]);
  asm("" : "+r"(weights), "+w"(sum[0].a));  // or gcc 12 loads ahead until registers run out
}

// What the sums of a block lack.
Start start_of(const std::int8_t* weights, int depth) {
  const int32x4_t zero = vdupq_n_s32(0);
  const int8x16_t ones = vdupq_n_s8(1);
  Sums sum = {zero, zero, zero, zero};
  for (int k = 0; k < depth; k += kUnit, weights += kTile * kUnit) {
    sum = add_products<0>(sum, load(weights), ones);
  }
  return {vshlq_n_s32(sum.a, 7), vshlq_n_s32(sum.b, 7), vshlq_n_s32(sum.c, 7),
          vshlq_n_s32(sum.d, 7)};
}

inline void put(std::int32_t* at, int32x4_t sum, bool first) {
  vst1q_s32(at, first ? sum : vaddq_s32(vld1q_s32(at), sum));
}

// acc[p][0..kTile) = the block's sums, added to what was there unless it is the first.
template <int kPixels>
void multiply_tile(const Block& block, const std::int8_t* weights, const Start& start,
                   std::int32_t* acc, std::ptrdiff_t channels) {
  const std::ptrdiff_t depth = block.depth;
  const std::ptrdiff_t step = block.step;
  const std::int8_t* const rows = block.rows;
  Sums sum[kPixels];
  int8x16_t row[kPixels];
  for (int p = 0; p < kPixels; ++p) sum[p] = start;
  std::ptrdiff_t k = 0;
  for (; k + kVector <= depth; k += kVector) {
    for (int p = 0; p < kPixels; ++p) row[p] = vld1q_s8(rows + p * step + k);
    unit<0, kPixels>(sum, weights, row);
    unit<1, kPixels>(sum, weights, row);
    unit<2, kPixels>(sum, weights, row);
    unit<3, kPixels>(sum, weights, row);
  }
  if (k < depth) {
    for (int p = 0; p < kPixels; ++p) row[p] = vld1q_s8(rows + p * step + k);
    unit<0, kPixels>(sum, weights, row);
    if (k + kUnit < depth) unit<1, kPixels>(sum, weights, row);
    if (k + 2 * kUnit < depth) unit<2, kPixels>(sum, weights, row);
  }
  for (int p = 0; p < kPixels; ++p) {
    std::int32_t* const at = acc + p * channels;
    put(at, sum[p].a, block.first);
    put(at + 4, sum[p].b, block.first);
    put(at + 8, sum[p].c, block.first);
    put(at + 12, sum[p].d, block.first);
  }
}

// Writes whole units; what is behind them up to a whole vector stays as it was.
void make_signed(const std::uint8_t* row, std::int8_t* to, int depth) {
  int k = 0;
  for (; k + kVector <= depth; k += kVector) {
    const uint8x16_t bytes = veorq_u8(vld1q_u8(row + k), vdupq_n_u8(0x80));
    vst1q_s8(to + k, vreinterpretq_s8_u8(bytes));
  }
  for (; k < depth; k += kUnit) {
    std::uint32_t bytes;
    __builtin_memcpy(&bytes, row + k, sizeof bytes);
    bytes ^= 0x80808080u;
    __builtin_memcpy(to + k, &bytes, sizeof bytes);
  }
}

}  // namespace
}  // namespace edgebin::kernels::neon_dot

#include "kernels/generic/u8s8_signed.h"
