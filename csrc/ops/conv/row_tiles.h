// Convolution as im2col and a matrix product. The output pixels, row after row, are divided into
// row tiles: the im2col rows of a tile's pixels are gathered and multiplied by the weights
// (RowTileSums), and the sums go through the epilogue (RowTileConv). An Algorithm says what is
// gathered and multiplied, and how.
#ifndef EDGEBIN_OPS_CONV_ROW_TILES_H_
#define EDGEBIN_OPS_CONV_ROW_TILES_H_

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

#include "ops/conv/epilogue/epilogue.h"
#include "ops/conv/geometry.h"
#include "ops/conv/im2col/im2col.h"
#include "ops/layout.h"

namespace edgebin {

// An Algorithm has
//
//   kKernel         the name of its kernel
//   Element, Sum    the element types of im2col rows and of sums
//   geometry()
//   tile()          the kernel computes multiples of so many channels
//   row_size()      elements of an im2col row
//   pixel_step()    the kernel is fastest for multiples of so many pixels
//   im2col(input, pixel, pixels, group, rows)
//                   writes the rows of output pixels `pixel`.., and up to kIm2colSlack bytes more
//   reads_input()   whether the input already is what im2col would write, and
//   rows_of_input(input, pixel)
//                   where the row of `pixel` and those after it lie in it
//   multiply(rows, group, first, sums, pixels, channels)
//                   computes the sums of the group's channels first..first + channels, both of them
//                   multiples of the tile
template <class Algorithm>
class RowTileSums {
  using Element = typename Algorithm::Element;

 public:
  using Sum = typename Algorithm::Sum;

  explicit RowTileSums(Algorithm algorithm)
      : algorithm_(std::move(algorithm)),
        max_pixels_(tile_pixels(algorithm_, static_cast<int>(geometry().out.pixels()))) {}

  const ConvGeometry& geometry() const { return algorithm_.geometry(); }
  int tile() const { return algorithm_.tile(); }
  int max_pixels() const { return max_pixels_; }  // of a row tile
  int pixel_step() const { return algorithm_.pixel_step(); }

  // Elements from the sums of `channels` channels of one pixel to those of the next.
  int step(int channels) const {
    return geometry().groups > 1 ? channels : align_up(channels, algorithm_.tile());
  }

  // Bytes of the sums of `pixels` pixels and all channels; a multiple of 64.
  Bytes sums_bytes(int pixels) const { return bytes_of(pixels, step(geometry().out.c)); }

  Bytes scratch_bytes() const {
    return rows_bytes() + (geometry().groups > 1 ? bytes_of(max_pixels_, padded_group()) : 0);
  }

  // Output pixels and channels; all channels where there are groups.
  struct Part {
    int pixel;
    int pixels;
    int first_channel;
    int channels;
  };

  // Computes sums [pixels][step(channels)].
  void run(std::span<const std::byte> input, const Part& part, Sum* sums,
           std::span<std::byte> scratch) const noexcept {
    Element* const rows = elements_of<Element>(scratch);
    if (geometry().groups > 1) {
      Sum* const group_sums = elements_of<Sum>(share_of(scratch, rows_bytes(), 1));
      for (int group = 0; group < geometry().groups; ++group) {
        algorithm_.im2col(input, part.pixel, part.pixels, group, rows);
        algorithm_.multiply(rows, group, 0, group_sums, part.pixels, padded_group());
        place_group(group_sums, part.pixels, group, sums);
      }
      return;
    }
    const bool in_place = algorithm_.reads_input();
    if (!in_place) algorithm_.im2col(input, part.pixel, part.pixels, 0, rows);
    algorithm_.multiply(in_place ? algorithm_.rows_of_input(input, part.pixel) : rows, 0,
                        part.first_channel, sums, part.pixels, step(part.channels));
  }

 private:
  static constexpr std::size_t kRowsBytes = 16384;  // of im2col rows: half of a first-level cache
  static constexpr int kMaxSteps = 3;

  static int tile_pixels(const Algorithm& algorithm, int pixels) {
    const std::size_t fitting =
        kRowsBytes / (static_cast<std::size_t>(algorithm.row_size()) * sizeof(Element));
    const int step = algorithm.pixel_step();
    const auto steps = static_cast<int>(std::min<std::size_t>(fitting / step, kMaxSteps));
    return std::min(std::max(steps, 1) * step, pixels);
  }

  int padded_group() const { return align_up(geometry().group_out(), algorithm_.tile()); }

  Bytes rows_bytes() const {
    if (algorithm_.reads_input()) return 0;
    const Bytes rows = Bytes{sizeof(Element)} * max_pixels_ * algorithm_.row_size();
    return align_up(rows + kIm2colSlack, kCacheLine);
  }

  static Bytes bytes_of(int pixels, int step) {
    const Bytes sums = Bytes{sizeof(Sum)} * pixels * step;
    return align_up(sums + kernels::kSumSlack, kCacheLine);
  }

  // Copies the sums of a group [pixels][padded group] to its channels in [pixels][all channels].
  void place_group(const Sum* group_sums, int pixels, int group, Sum* sums) const noexcept {
    const int channels = geometry().group_out();
    for (int i = 0; i < pixels; ++i) {
      std::copy_n(group_sums + std::ptrdiff_t{i} * padded_group(), channels,
                  sums + std::ptrdiff_t{i} * geometry().out.c + group * channels);
    }
  }

  Algorithm algorithm_;
  int max_pixels_;
};

template <class Algorithm>
class RowTileConv final : public Step {
  using Tiles = RowTileSums<Algorithm>;
  using Sum = typename Tiles::Sum;

 public:
  RowTileConv(Algorithm algorithm, const ConvSpec& spec, const kernels::Kernels& kernels)
      : tiles_(std::move(algorithm)),
        epilogue_(spec, kernels),
        pixels_(static_cast<int>(tiles_.geometry().out.pixels())),
        block_unit_(std::lcm(kernels::kWordBits, tiles_.tile())) {}

  std::string_view kernel() const noexcept override { return Algorithm::kKernel; }

  Bytes scratch_bytes() const noexcept override { return sums_bytes() + tiles_.scratch_bytes(); }

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const int tile = tiles_.max_pixels();
    const int tiles = ceil_div(pixels_, tile);
    const int channels = tiles_.geometry().out.c;
    const int block = block_channels(tiles, pool.threads());
    const int blocks = ceil_div(channels, block);
    pool.parallel_for(tiles * blocks, [&](int index, int worker) {
      const int pixel = index / blocks * tile;
      const int first = index % blocks * block;
      run_part(buffers,
               {pixel, std::min(tile, pixels_ - pixel), first, std::min(block, channels - first)},
               share_of(buffers.scratch, scratch_bytes(), worker));
    });
  }

 private:
  static constexpr int kPartsPerThread = 4;  // enough to balance the threads

  Bytes sums_bytes() const { return tiles_.sums_bytes(tiles_.max_pixels()); }

  // Where there are fewer row tiles than threads can share evenly, blocks of channels divide the
  // work further. The price is that each block repeats the im2col of its tile.
  int block_channels(int tiles, int threads) const {
    const int channels = tiles_.geometry().out.c;
    if (threads == 1 || tiles_.geometry().groups > 1) return channels;
    const int blocks = ceil_div(kPartsPerThread * threads, tiles);
    return std::min(channels, align_up(ceil_div(channels, blocks), block_unit_));
  }

  void run_part(const Buffers& buffers, const typename Tiles::Part& part,
                std::span<std::byte> scratch) const noexcept {
    Sum* const sums = elements_of<Sum>(scratch);
    tiles_.run(buffers.inputs[0], part, sums, share_of(scratch, sums_bytes(), 1));
    epilogue_.store({.sums = sums,
                     .step = tiles_.step(part.channels),
                     .pixel = part.pixel,
                     .output_pixel = part.pixel,
                     .pixels = part.pixels,
                     .first_channel = part.first_channel,
                     .channels = part.channels},
                    buffers);
  }

  Tiles tiles_;
  Epilogue<Sum> epilogue_;
  int pixels_;
  int block_unit_;  // channels of a block are a multiple: whole tiles, and whole words of codes
};

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_ROW_TILES_H_
