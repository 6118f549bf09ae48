// Codes x binary weights on matrix tiles, without im2col. The codes under a band of output rows are
// unpacked to bytes once. Tiles of neighbouring positions are then multiplied by the weights of 64
// channels at a time, and the sums of each block of tiles go through the epilogue.
#include <algorithm>

#include "ops/conv/algorithms/algorithms.h"
#include "ops/conv/algorithms/matrix_tiles/layout.h"
#include "ops/conv/algorithms/matrix_tiles/unpack.h"
#include "ops/conv/epilogue/epilogue.h"
#include "ops/conv/split.h"

namespace edgebin {
namespace {

using kernels::kMaxTiles;
using kernels::kTileChannels;
using kernels::kTileRows;
using kernels::MatrixTiles;

constexpr int kBlockChannels = kernels::kWordBits;  // whose sums go through the epilogue at once

class MatrixTilesConv final : public Step {
 public:
  MatrixTilesConv(const ConvSpec& spec, const kernels::Kernels& kernels)
      : geometry_(spec.geometry),
        tiles_(kernels.matrix_tiles),
        layout_(geometry_),
        unpacker_(geometry_, layout_, tiles_),
        epilogue_(spec, kernels),
        weights_(layout_.pack(*spec.weights)) {}

  std::string_view kernel() const noexcept override { return tiles_.name; }

  Bytes scratch_bytes() const noexcept override {
    return layout_.image_bytes() + unpacker_.line_bytes() + kSumsBytes;
  }

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const Split split = best_split(split_work(), pool.threads());
    const int rows = std::min(split.rows, layout_.max_rows());
    const int channels = split.units * kBlockChannels;
    const int bands = ceil_div(geometry_.out.h, rows);
    const int blocks = ceil_div(geometry_.out.c, channels);
    pool.parallel_for(bands * blocks, [&](int index, int worker) {
      const int top = index / blocks * rows;
      const int first = index % blocks * channels;
      run_part(buffers,
               {.top = top,
                .rows = std::min(rows, geometry_.out.h - top),
                .first = first,
                .channels = std::min(channels, geometry_.out.c - first)},
               share_of(buffers.scratch, scratch_bytes(), worker));
    });
  }

 private:
  // A part of the output: rows top..top + rows, channels first..first + channels.
  struct Part {
    int top;
    int rows;
    int first;
    int channels;
  };

  // Positions first..end of a part's image, and their sums.
  struct Block {
    int first;
    int end;
    std::int16_t* sums;
  };

  static constexpr Bytes kSumsBytes =
      Bytes{kTileRows} * kMaxTiles * kBlockChannels * sizeof(std::int16_t) + kernels::kSumSlack;

  // In steps of one position and kTileChannels channels: what unpacking takes, by measurement on
  // Sapphire Rapids.
  static constexpr double kUnpackCost = 2.0;

  SplitWork split_work() const noexcept {
    const Axis& rows = geometry_.window.rows;
    const double build = kUnpackCost * layout_.form().pitch * layout_.form().column_phases *
                         layout_.form().row_bytes / kernels::kTileDepth;
    const double multiply = double{1} * layout_.form().pitch * layout_.steps() *
                            ceil_div(geometry_.out.c, kTileChannels);
    return {.column_tiles = 1,
            .rows = geometry_.out.h,
            .units = ceil_div(geometry_.out.c, kBlockChannels),
            .build = build * rows.stride,
            .multiply = multiply,
            .rebuild = build * std::max(rows.extent() - rows.stride, 0)};
  }

  void run_part(const Buffers& buffers, const Part& part,
                std::span<std::byte> scratch) const noexcept {
    ScratchParts parts(scratch);
    auto* const image = elements_of<std::uint8_t>(parts.take(layout_.image_bytes()));
    auto* const line = elements_of<std::uint8_t>(parts.take(unpacker_.line_bytes()));
    auto* const sums = elements_of<std::int16_t>(parts.rest());
    unpacker_.unpack(elements_of<Word>(buffers.inputs[0]), part.top, part.rows, image, line);
    tiles_.configure();
    for (int n = 0; n < part.channels; n += kBlockChannels) {
      const Part of_channels = {.top = part.top,
                                .rows = part.rows,
                                .first = part.first + n,
                                .channels = std::min(kBlockChannels, part.channels - n)};
      multiply(buffers, of_channels, image, sums);
    }
    tiles_.release();
  }

  // All positions of at most kBlockChannels channels, in blocks of tiles as equal as they can be.
  void multiply(const Buffers& buffers, const Part& part, const std::uint8_t* image,
                std::int16_t* sums) const noexcept {
    const int positions = (part.rows - 1) * layout_.form().pitch + geometry_.out.w;
    int left = ceil_div(positions, kTileRows);
    for (int first = 0; left > 0;) {
      const int count = ceil_div(left, ceil_div(left, kMaxTiles));
      tiles_.multiply({.rows = image + std::ptrdiff_t{first} * layout_.form().row_bytes,
                       .row_bytes = layout_.form().row_bytes,
                       .offsets = layout_.offsets(),
                       .steps = layout_.steps(),
                       .tiles = count,
                       .channels = align_up(part.channels, kTileChannels),
                       .weights = weights_.data() + layout_.weights_offset(part.first),
                       .sums = sums});
      const int end = first + count * kTileRows;
      store(buffers, part, {first, std::min(end, positions), sums});
      first = end;
      left -= count;
    }
  }

  // Passes the sums of a block to the epilogue, output row by output row.
  void store(const Buffers& buffers, const Part& part, const Block& block) const noexcept {
    const int pitch = layout_.form().pitch;
    const int step = align_up(part.channels, kTileChannels);
    for (int row = block.first / pitch; row * pitch < block.end; ++row) {
      const int begin = std::max(block.first, row * pitch);
      const int end = std::min(block.end, row * pitch + geometry_.out.w);
      if (begin >= end) continue;
      const int pixel = (part.top + row) * geometry_.out.w + begin - row * pitch;
      epilogue_.store({.sums = block.sums + std::ptrdiff_t{begin - block.first} * step,
                       .step = step,
                       .pixel = pixel,
                       .output_pixel = pixel,
                       .pixels = end - begin,
                       .first_channel = part.first,
                       .channels = part.channels},
                      buffers);
    }
  }

  ConvGeometry geometry_;
  const MatrixTiles& tiles_;
  MatrixTilesLayout layout_;
  CodeUnpacker unpacker_;
  Epilogue<std::int16_t> epilogue_;
  Operand<std::uint8_t> weights_;
};

}  // namespace

std::unique_ptr<const Step> make_matrix_tiles_conv(const ConvSpec& spec,
                                                   const kernels::Kernels& kernels) {
  return std::make_unique<MatrixTilesConv>(spec, kernels);
}

}  // namespace edgebin
