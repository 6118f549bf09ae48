// Codes x binary weights by table lookup, without im2col. The output is divided into tiles of
// columns, and a worker walks down the rows of a tile. The tables of an input row are built once,
// in a ring that holds the rows under the window, and serve every tap and every output channel that
// reads the row. Outside the image all tables are zero, as if the codes were.
#include <algorithm>
#include <numeric>
#include <vector>

#include "ops/conv/algorithms/algorithms.h"
#include "ops/conv/algorithms/lookup_layout.h"
#include "ops/conv/epilogue/epilogue.h"
#include "ops/conv/split.h"

namespace edgebin {
namespace {

using kernels::Lookup;
using kernels::LookupRun;

class LookupConv final : public Step {
 public:
  LookupConv(const ConvSpec& spec, const kernels::Kernels& kernels, const Lookup& lookup)
      : geometry_(spec.geometry),
        lookup_(lookup),
        epilogue_(spec, kernels),
        channels_(align_up(geometry_.out.c, lookup.tile)),
        column_tiles_(ceil_div(geometry_.out.w, lookup.lanes * lookup.max_vectors)),
        vectors_(ceil_div(ceil_div(geometry_.out.w, column_tiles_), lookup.lanes)),
        layout_(geometry_, lookup, vectors_),
        unit_(std::lcm(kernels::kWordBits, lookup.tile)),
        weights_(layout_.pack(*spec.weights)) {}

  std::string_view kernel() const noexcept override { return lookup_.name; }

  Bytes scratch_bytes() const noexcept override {
    return bytes_of_tables() + bytes_of_runs() + bytes_of_totals() + bytes_of_codes() +
           bytes_of_sums();
  }

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const Split split = best_split(split_work(), pool.threads());
    const int rows = split.rows;
    const int channels = split.units * unit_;
    const int bands = ceil_div(geometry_.out.h, rows);
    const int blocks = ceil_div(geometry_.out.c, channels);
    pool.parallel_for(bands * blocks * column_tiles_, [&](int index, int worker) {
      const int top = index / (column_tiles_ * blocks) * rows;
      const int first = index / column_tiles_ % blocks * channels;
      const Part part = {.column = index % column_tiles_ * tile_pixels(),
                         .top = top,
                         .bottom = std::min(top + rows, geometry_.out.h),
                         .first = first,
                         .channels = std::min(channels, geometry_.out.c - first)};
      run_part(buffers, part, share_of(buffers.scratch, scratch_bytes(), worker));
    });
  }

 private:
  // A part of the output: the tile of columns from `column` on, rows top..bottom, channels
  // first..first + channels.
  struct Part {
    int column;
    int top;
    int bottom;
    int first;
    int channels;
  };

  // Building a vector of tables takes as long as about three lookups, measured on Zen 4.
  static constexpr double kTableCost = 3.0;

  // The input columns that a tile reads, some of which may lie outside the image.
  struct Columns {
    int first;
    int inside;  // the first one inside the image
    int end;     // the one behind the last inside the image
  };

  // What a worker writes to while it walks down a tile.
  struct Work {
    Columns columns;
    std::uint8_t* tables;
    LookupRun* runs;
    std::int32_t* totals;  // [rows of the ring + 1][phase][slot][lane]
    Word* codes;           // of one input row, from Columns::first on
    std::int16_t* sums;
  };

  SplitWork split_work() const noexcept {
    const int tiles = channels_ / lookup_.tile;
    const double lookups = double{1} * layout_.groups() * geometry_.taps() * vectors_ * tiles;
    const double build = kTableCost * layout_.groups() * layout_.phases() * layout_.slots();
    const int stride = rows().stride;
    return {.column_tiles = column_tiles_,
            .rows = geometry_.out.h,
            .units = ceil_div(geometry_.out.c, unit_),
            .build = build * stride,
            .multiply = lookups,
            .rebuild = build * std::max(ring() - stride, 0)};
  }

  const Axis& rows() const { return geometry_.window.rows; }
  const Axis& columns() const { return geometry_.window.columns; }
  int ring() const { return rows().extent(); }
  int tile_pixels() const { return lookup_.lanes * vectors_; }
  std::size_t run_count() const { return layout_.runs().size() * rows().kernel; }

  // The ring's rows, then one row of zeros for what lies above and below the image.
  Bytes bytes_of_tables() const {
    return align_up(static_cast<Bytes>(layout_.row_bytes()) * (ring() + 1), kCacheLine);
  }
  Bytes bytes_of_runs() const {
    return align_up(Bytes{run_count()} * sizeof(LookupRun), kCacheLine);
  }
  Bytes bytes_of_totals() const {
    const Bytes count = static_cast<Bytes>(layout_.row_totals()) * (ring() + 1);
    return align_up((count + kernels::kTotalSlack) * sizeof(std::int32_t), kCacheLine);
  }
  Bytes bytes_of_sums() const {
    const Bytes sums = Bytes{sizeof(std::int16_t)} * tile_pixels() * channels_;
    return align_up(sums + kernels::kSumSlack, kCacheLine);
  }

  Bytes bytes_of_codes() const {
    return align_up(Bytes{sizeof(Word)} * input_columns() * pixel_words(), kCacheLine);
  }

  std::size_t pixel_words() const { return std::size_t{2} * plane_words(geometry_.in.c); }

  // Input columns that a tile reads.
  std::size_t input_columns() const {
    return static_cast<std::size_t>((lookup_.lanes - 1) * vectors_ + layout_.slots()) *
           static_cast<std::size_t>(columns().stride);
  }

  Work work_in(int column, std::span<std::byte> scratch) const noexcept {
    ScratchParts parts(scratch);
    const int first = columns().start(column);
    const int end = first + static_cast<int>(input_columns());
    return {.columns = {first, std::max(first, 0), std::min(end, geometry_.in.w)},
            .tables = elements_of<std::uint8_t>(parts.take(bytes_of_tables())),
            .runs = elements_of<LookupRun>(parts.take(bytes_of_runs())),
            .totals = elements_of<std::int32_t>(parts.take(bytes_of_totals())),
            .codes = elements_of<Word>(parts.take(bytes_of_codes())),
            .sums = elements_of<std::int16_t>(parts.take(bytes_of_sums()))};
  }

  void run_part(const Buffers& buffers, const Part& part,
                std::span<std::byte> scratch) const noexcept {
    const Word* const input = elements_of<Word>(buffers.inputs[0]);
    const Work work = work_in(part.column, scratch);
    const int padded = align_up(part.channels, lookup_.tile);
    clear_outside(work);
    int built = rows().start(part.top);  // the tables of rows before this one are built
    for (int y = part.top; y < part.bottom; ++y) {
      const int end = rows().start(y) + ring();
      for (int row = std::max(built, rows().start(y)); row < end; ++row) {
        build_row(input, work, row);
      }
      built = std::max(built, end);
      multiply_row(work, y, part.first, padded);
      const int pixel = y * geometry_.out.w + part.column;
      epilogue_.store({.sums = work.sums,
                       .step = padded,
                       .pixel = pixel,
                       .output_pixel = pixel,
                       .pixels = std::min(tile_pixels(), geometry_.out.w - part.column),
                       .first_channel = part.first,
                       .channels = part.channels},
                      buffers);
    }
  }

  // Where the ring has an input row; behind it lies the row of zeros.
  int ring_row(int row) const {
    return row < 0 || row >= geometry_.in.h ? ring() : (row + rows().before) % ring();
  }

  // Writes the zeros of the row of tables outside the image, and of the codes beside the image.
  void clear_outside(const Work& work) const noexcept {
    std::fill_n(work.tables + ring() * layout_.row_bytes(), layout_.row_bytes(), std::uint8_t{0});
    std::fill_n(work.totals + ring() * layout_.row_totals(),
                layout_.row_totals() + kernels::kTotalSlack, 0);
    std::fill_n(work.codes, input_columns() * pixel_words(), Word{0});
  }

  void build_row(const Word* input, const Work& work, int row) const noexcept {
    if (row < 0 || row >= geometry_.in.h) return;
    const auto [first, inside, end] = work.columns;
    const auto words = static_cast<std::ptrdiff_t>(pixel_words());
    if (inside < end) {
      std::copy_n(input + (std::ptrdiff_t{row} * geometry_.in.w + inside) * words,
                  (end - inside) * words, work.codes + (inside - first) * words);
    }
    const int ring_index = ring_row(row);
    const int slots = layout_.slots();
    for (int phase = 0; phase < layout_.phases(); ++phase) {
      lookup_.build(
          {.codes = work.codes + phase * words,
           .step = words * columns().stride,
           .lane_step = words * columns().stride * vectors_,
           .plane = plane_words(geometry_.in.c),
           .slots = slots,
           .groups = layout_.groups(),
           .tables = work.tables + ring_index * layout_.row_bytes() +
                     std::ptrdiff_t{phase} * slots * layout_.vector_bytes(),
           .group_stride = layout_.group_stride(),
           .totals = work.totals + ring_index * layout_.row_totals() + totals_of(phase, 0)});
    }
  }

  // Elements from the first total of a row to those of a slot of a phase.
  std::ptrdiff_t totals_of(int phase, int slot) const {
    return (std::ptrdiff_t{phase} * layout_.slots() + slot) * lookup_.lanes;
  }

  // Computes the sums of output row y, channels first..first + channels, whole tiles.
  void multiply_row(const Work& work, int y, int first, int channels) const noexcept {
    LookupRun* run = work.runs;
    for (int ky = 0; ky < rows().kernel; ++ky) {
      const int ring_index = ring_row(rows().start(y) + ky * rows().dilation);
      for (const TapRun& taps : layout_.runs()) {
        const auto [tap, phase, slot] = layout_.start_of(taps);
        const std::ptrdiff_t vector = std::ptrdiff_t{phase} * layout_.slots() + slot;
        *run++ = {.offset = ring_index * layout_.row_bytes() + vector * layout_.vector_bytes(),
                  .totals = ring_index * layout_.row_totals() + totals_of(phase, slot),
                  .taps = taps.taps};
      }
    }
    lookup_.multiply({.tables = work.tables,
                      .group_stride = layout_.group_stride(),
                      .groups = layout_.groups(),
                      .runs = work.runs,
                      .run_count = static_cast<int>(run_count()),
                      .vectors = vectors_,
                      .channels = channels,
                      .weights = weights_.data() + first * layout_.channel_bytes(),
                      .totals = work.totals,
                      .sums = work.sums});
  }

  ConvGeometry geometry_;
  const Lookup& lookup_;
  Epilogue<std::int16_t> epilogue_;
  int channels_;  // of the output, whole tiles
  int column_tiles_;
  int vectors_;  // of a tile
  LookupLayout layout_;
  int unit_;  // channels of a block are a multiple: whole tiles, and whole words of codes
  Operand<std::uint8_t> weights_;
};

}  // namespace

std::unique_ptr<const Step> make_lookup_conv(const ConvSpec& spec, const kernels::Kernels& kernels,
                                             const kernels::Lookup& lookup) {
  return std::make_unique<LookupConv>(spec, kernels, lookup);
}

}  // namespace edgebin
