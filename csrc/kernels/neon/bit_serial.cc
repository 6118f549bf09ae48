// Bit-serial product: AND, then CNT. A vector holds one weight word of each of two channels; its
// other operand is a word of the row, twice.
//
//   instruction  latency  A57, A72 ports  A76 ports   per 2 pixels x 8 channels x 64 k
//   and             3        F0 F1          V0 V1       16
//   cnt             3        F0 F1          V0 V1       16
//   add             3        F0 F1          V0 V1       16
//   ldr (16 B)      5        L              L0 L1       4 weights, 4 words
//   Bottleneck: 48 vector operations for 1,024 MAC, two a cycle: 42.7 MAC/cycle; an A53 issues one
//   of them a cycle: 21.3.
//
// Words of a row are doubled once for all channels (into a chunk on the stack): a load that
// doubles would take a vector operation of each tile.
//
// Bound. CNT adds at most 8 to a byte a word, so a byte holds 31 words (248); a chunk has no more.
#include <arm_neon.h>

#include "kernels/kernels.h"

#include "kernels/generic/row_tiles.h"

namespace edgebin::kernels::neon {
namespace {

constexpr int kTile = 8;             // channels
constexpr int kVectors = kTile / 2;  // of weights, for one word
constexpr int kRows = 2;             // pixels that share the loads of a weight tile
constexpr int kChunk = 31;           // words
constexpr int kPlanes = 2;
static_assert(kChunk * 8 <= 255);

// Up to kChunk words of kPixels rows.
template <int kPixels>
struct Chunk {
  std::uint64_t words[kChunk][kPixels][kPlanes][2];
  std::int16_t total[kPixels];  // |plane0| + 2 |plane1|
};

// `rows` points at the chunk's first word of plane 0 of the first row.
template <int kPixels>
void fill(Chunk<kPixels>& chunk, const Word* rows, int words, int count) {
  for (int p = 0; p < kPixels; ++p) {
    const Word* const plane0 = rows + std::ptrdiff_t{2} * p * words;
    const Word* const plane1 = plane0 + words;
    uint8x8_t ones = vdup_n_u8(0);
    uint8x8_t twos = vdup_n_u8(0);
    for (int k = 0; k < count; ++k) {
      const uint64x1_t low = vld1_u64(plane0 + k);
      const uint64x1_t high = vld1_u64(plane1 + k);
      vst1q_u64(chunk.words[k][p][0], vcombine_u64(low, low));
      vst1q_u64(chunk.words[k][p][1], vcombine_u64(high, high));
      ones = vadd_u8(ones, vcnt_u8(vreinterpret_u8_u64(low)));
      twos = vadd_u8(twos, vcnt_u8(vreinterpret_u8_u64(high)));
    }
    const uint16x4_t sums = vpadal_u8(vshl_n_u16(vpaddl_u8(twos), 1), ones);
    const uint64x1_t sum = vpaddl_u32(vpaddl_u16(sums));
    chunk.total[p] = static_cast<std::int16_t>(vget_lane_u64(sum, 0));
  }
}

// Sums of neighbours: those of the first, then those of the second. (32-bit ARM has halves only.)
inline uint16x8_t pairs(uint16x8_t first, uint16x8_t second) {
  return vcombine_u16(vpadd_u16(vget_low_u16(first), vget_high_u16(first)),
                      vpadd_u16(vget_low_u16(second), vget_high_u16(second)));
}

// Byte counters of both planes of a vector's two channels, weighed: four lanes of each.
inline uint16x8_t weighed(uint8x16_t plane0, uint8x16_t plane1) {
  return vpadalq_u8(vshlq_n_u16(vpaddlq_u8(plane1), 1), plane0);
}

// One tile of channels under `count` words of a chunk: acc[p][0..kTile) gets the chunk's part of
// the formula, in place of what was there if the chunk is the `first`, on top of it if not.
template <int kPixels>
void multiply_chunk(const Chunk<kPixels>& chunk, const Word* tile, std::int32_t* acc, int channels,
                    int count, bool first) {
  uint8x16_t counters[kPixels][kVectors][kPlanes];
  for (auto& of_pixel : counters) {
    for (auto& of_vector : of_pixel) of_vector[0] = of_vector[1] = vdupq_n_u8(0);
  }
  for (int k = 0; k < count; ++k, tile += kTile) {
    uint8x16_t weights[kVectors];
    for (int v = 0; v < kVectors; ++v) {
      weights[v] = vreinterpretq_u8_u64(vld1q_u64(tile + std::ptrdiff_t{2} * v));
    }
    for (int p = 0; p < kPixels; ++p) {
      for (int plane = 0; plane < kPlanes; ++plane) {
        const uint8x16_t word = vreinterpretq_u8_u64(vld1q_u64(chunk.words[k][p][plane]));
        for (int v = 0; v < kVectors; ++v) {
          uint8x16_t& counter = counters[p][v][plane];
          counter = vaddq_u8(counter, vcntq_u8(vandq_u8(weights[v], word)));
        }
      }
    }
  }
  for (int p = 0; p < kPixels; ++p) {
    uint16x8_t sums[kVectors];
    for (int v = 0; v < kVectors; ++v) sums[v] = weighed(counters[p][v][0], counters[p][v][1]);
    // Four lanes of each channel, then two, then one. All sums are below 2^15.
    const uint16x8_t positive = pairs(pairs(sums[0], sums[1]), pairs(sums[2], sums[3]));
    const int16x8_t part =
        vsubq_s16(vreinterpretq_s16_u16(vshlq_n_u16(positive, 1)), vdupq_n_s16(chunk.total[p]));
    std::int32_t* const at = acc + std::ptrdiff_t{p} * channels;
    if (first) {
      vst1q_s32(at, vmovl_s16(vget_low_s16(part)));
      vst1q_s32(at + 4, vmovl_s16(vget_high_s16(part)));
    } else {
      vst1q_s32(at, vaddw_s16(vld1q_s32(at), vget_low_s16(part)));
      vst1q_s32(at + 4, vaddw_s16(vld1q_s32(at + 4), vget_high_s16(part)));
    }
  }
}

template <int kPixels>
void row_tile(const Word* rows, const Word* weights, std::int32_t* acc, int channels, int words) {
  Chunk<kPixels> chunk;
  for (int k = 0; k < words; k += kChunk) {
    const int count = words - k < kChunk ? words - k : kChunk;
    fill<kPixels>(chunk, rows + k, words, count);
    for (int n = 0; n < channels; n += kTile) {
      const Word* const tile = weights + std::ptrdiff_t{n} * words + std::ptrdiff_t{k} * kTile;
      multiply_chunk<kPixels>(chunk, tile, acc + n, channels, count, k == 0);
    }
  }
}

void bit_serial(const Word* rows, const Word* weights, std::int32_t* acc, int pixels, int channels,
                int words) {
  for_row_tiles<kRows>(pixels, [&]<int kPixels>(int p) {
    row_tile<kPixels>(rows + std::ptrdiff_t{2} * p * words, weights,
                      acc + std::ptrdiff_t{p} * channels, channels, words);
  });
}

}  // namespace

void install_bit_serial(Kernels& kernels) {
  kernels.bit_serial_tile = kTile;
  kernels.bit_serial = bit_serial;
}

}  // namespace edgebin::kernels::neon
