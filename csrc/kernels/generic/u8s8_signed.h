// Product of u8 and s8 on instructions that multiply signed bytes: rows are made signed on the
// stack, a block at a time, once for all channels, and the sums start at what that takes away.
//
// The folder's u8s8.cc defines kTile (channels), kUnit, kRows (pixels that share the loads of
// weights), kVector (bytes, to which rows on the stack are aligned), Start, and
//
//   make_signed(row, to, depth)    the signed bytes of a row
//   start_of(weights, depth)       -> Start: what the sums of a tile of channels lack
//   multiply_tile<rows>(block, weights, start, acc, channels)
//                                  acc[p][0..kTile) of a block's first rows: the block's sums, on
//                                  top of what was there unless block.first
#ifndef EDGEBIN_KERNELS_GENERIC_U8S8_SIGNED_H_
#define EDGEBIN_KERNELS_GENERIC_U8S8_SIGNED_H_

#include "kernels/generic/row_tiles.h"

namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE {
namespace {

constexpr int kMaxPixels = 16;   // of a block
constexpr int kMaxBytes = 8192;  // of a block, all pixels together
constexpr int kMaxDepth = 1024;  // of a block: its weights of a tile are read twice

// One tile of channels, all pixels of a block.
void multiply_block(const Block& block, int pixels, const std::int8_t* weights, std::int32_t* acc,
                    int channels) {
  const Start start = start_of(weights, block.depth);
  for_row_tiles<kRows>(pixels, [&]<int kPixels>(int p) {
    const std::int8_t* const rows = block.rows + std::ptrdiff_t{p} * block.step;
    multiply_tile<kPixels>({rows, block.depth, block.step, block.first}, weights, start,
                           acc + std::ptrdiff_t{p} * channels, channels);
  });
}

// Up to kMaxPixels pixels.
void row_block(const std::uint8_t* rows, const std::int8_t* weights, std::int32_t* acc, int pixels,
               int channels, int depth) {
  alignas(kVector) std::int8_t signed_rows[kMaxBytes];
  const int fit = kMaxBytes / pixels / kVector * kVector;
  const int longest = fit < kMaxDepth ? fit : kMaxDepth;
  for (int k = 0; k < depth; k += longest) {
    const int count = depth - k < longest ? depth - k : longest;
    const int step = (count + kVector - 1) / kVector * kVector;
    for (int p = 0; p < pixels; ++p) {
      make_signed(rows + std::ptrdiff_t{p} * depth + k, signed_rows + std::ptrdiff_t{p} * step,
                  count);
    }
    const Block block = {signed_rows, count, step, k == 0};
    for (int n = 0; n < channels; n += kTile) {
      multiply_block(block, pixels, weights + std::ptrdiff_t{n} * depth + std::ptrdiff_t{k} * kTile,
                     acc + n, channels);
    }
  }
}

void u8s8(const std::uint8_t* rows, const std::int8_t* weights, std::int32_t* acc, int pixels,
          int channels, int depth) {
  for (int p = 0; p < pixels; p += kMaxPixels) {
    row_block(rows + std::ptrdiff_t{p} * depth, weights, acc + std::ptrdiff_t{p} * channels,
              pixels - p < kMaxPixels ? pixels - p : kMaxPixels, channels, depth);
  }
}

}  // namespace

// NOLINTNEXTLINE(misc-definitions-in-headers): one file of a folder includes this
void install_u8s8(Kernels& kernels) {
  kernels.u8s8_tile = kTile;
  kernels.u8s8_unit = kUnit;
  kernels.u8s8_row_align = kUnit;
  kernels.u8s8_pixels = kU8s8Pixels;
  kernels.u8s8 = u8s8;
}

}  // namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE

#endif  // EDGEBIN_KERNELS_GENERIC_U8S8_SIGNED_H_
