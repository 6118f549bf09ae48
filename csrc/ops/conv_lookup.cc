// Codes and binary weights by table lookup, without patches: the picture is cut into vertical
// strips of output pixels, and a strip walks down its rows. Each input row of the strip becomes
// tables once, in a ring that holds the rows under the window, and serves every tap and every
// output channel that meets it. Outside the picture all tables are zero, as if the codes were.
#include <algorithm>
#include <array>
#include <vector>

#include "ops/conv_products.h"
#include "ops/epilogue.h"
#include "ops/lookup_layout.h"

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
        strips_(ceil_div(geometry_.out.w, lookup.lanes * lookup.most_vectors)),
        vectors_(ceil_div(ceil_div(geometry_.out.w, strips_), lookup.lanes)),
        layout_(geometry_, lookup, vectors_),
        zero_pixel_(std::size_t{2} * plane_words(geometry_.in.c), Word{0}),
        weights_(layout_.pack(*spec.weights)) {}

  std::string_view kernel() const noexcept override { return lookup_.name; }

  std::size_t scratch_bytes() const noexcept override {
    return bytes_of_tables() + bytes_of_runs() + bytes_of_totals() + bytes_of_sums();
  }

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const int wanted = pool.threads() == 1 ? 1 : kPartsPerThread * pool.threads();
    const int rows = ceil_div(geometry_.out.h, ceil_div(wanted, strips_));
    const int bands = ceil_div(geometry_.out.h, rows);
    pool.parallel_for(strips_ * bands, [&](int index, int worker) {
      const int top = index / strips_ * rows;
      run_strip(buffers, index % strips_ * strip_pixels(), top,
                std::min(top + rows, geometry_.out.h),
                buffers.scratch.subspan(worker * scratch_bytes()));
    });
  }

 private:
  static constexpr int kPartsPerThread = 3;

  // Slots from..to of a lane's phase, all of them inside or all outside the picture's columns.
  struct Segment {
    int phase;
    int lane;
    int from;
    int to;
    int column;  // of the input, at slot `from`
    bool inside;
  };
  static constexpr int kMostSegments = 3 * kernels::kMostLanes * LookupLayout::kMostPhases;

  // What a worker writes to while it walks down a strip.
  struct Work {
    const Word* input;
    std::uint8_t* tables;
    LookupRun* runs;
    std::int32_t* totals;  // [rows of the ring + 1][phase][lane][slot]
    std::int16_t* sums;
    std::array<Segment, kMostSegments> segments;
    int segment_count;
  };

  const Axis& rows() const { return geometry_.window.rows; }
  const Axis& columns() const { return geometry_.window.columns; }
  int ring() const { return rows().extent(); }
  int strip_pixels() const { return lookup_.lanes * vectors_; }
  std::size_t run_count() const { return layout_.runs().size() * rows().kernel; }

  // The ring's rows, then one row of zeros for what lies above and below the picture.
  std::size_t bytes_of_tables() const {
    return static_cast<std::size_t>(ring() + 1) * static_cast<std::size_t>(layout_.row_bytes());
  }
  std::size_t bytes_of_runs() const {
    return align_up(run_count() * sizeof(LookupRun), kCacheLine);
  }
  std::size_t bytes_of_totals() const {
    const auto count = static_cast<std::size_t>((ring() + 1) * layout_.row_totals());
    return align_up((count + kernels::kTotalSlack) * sizeof(std::int32_t), kCacheLine);
  }
  std::size_t bytes_of_sums() const {
    const std::size_t sums = std::size_t{1} * strip_pixels() * channels_ * sizeof(std::int16_t);
    return align_up(sums + kernels::kSumSlack, kCacheLine);
  }

  Work work_in(const Buffers& buffers, int column, std::span<std::byte> scratch) const noexcept {
    Work work;
    work.input = elements_of<Word>(buffers.inputs[0]);
    work.tables = elements_of<std::uint8_t>(scratch);
    scratch = scratch.subspan(bytes_of_tables());
    work.runs = elements_of<LookupRun>(scratch);
    scratch = scratch.subspan(bytes_of_runs());
    work.totals = elements_of<std::int32_t>(scratch);
    scratch = scratch.subspan(bytes_of_totals());
    work.sums = elements_of<std::int16_t>(scratch);
    work.segment_count = 0;
    for (int phase = 0; phase < layout_.phases(); ++phase) {
      for (int lane = 0; lane < lookup_.lanes; ++lane) add_segments(column, phase, lane, work);
    }
    return work;
  }

  // The slots before, inside and after the picture.
  void add_segments(int column, int phase, int lane, Work& work) const noexcept {
    const int stride = columns().stride;
    const int slots = layout_.slots();
    const int first = columns().start(column + lane * vectors_) + phase;  // input column of slot 0
    const int left = geometry_.in.w - first;
    const int before = first >= 0 ? 0 : std::min(slots, ceil_div(-first, stride));
    const int inside = std::clamp(left <= 0 ? 0 : ceil_div(left, stride), before, slots);
    const auto add = [&](int from, int to, bool is_inside) {
      if (from == to) return;
      work.segments[work.segment_count++] = {phase,    lane, from, to, first + from * stride,
                                             is_inside};
    };
    add(0, before, false);
    add(before, inside, true);
    add(inside, slots, false);
  }

  void run_strip(const Buffers& buffers, int column, int top, int bottom,
                 std::span<std::byte> scratch) const noexcept {
    const Work work = work_in(buffers, column, scratch);
    clear_outside(work);
    int built = rows().start(top);  // rows below this one have their tables
    for (int y = top; y < bottom; ++y) {
      const int end = rows().start(y) + ring();
      for (int row = std::max(built, rows().start(y)); row < end; ++row) build_row(work, row);
      built = std::max(built, end);
      multiply_row(work, y);
      epilogue_.store({.sums = work.sums,
                       .step = channels_,
                       .pixel = y * geometry_.out.w + column,
                       .to = y * geometry_.out.w + column,
                       .pixels = std::min(strip_pixels(), geometry_.out.w - column),
                       .first = 0,
                       .channels = geometry_.out.c},
                      buffers);
    }
  }

  int ring_row(int row) const {
    return row < 0 || row >= geometry_.in.h ? ring() : (row + rows().before) % ring();
  }

  // Zeros that stay: the row outside the picture, and what lies beside the picture in all others.
  void clear_outside(const Work& work) const noexcept {
    std::fill_n(work.tables + ring() * layout_.row_bytes(), layout_.row_bytes(), std::uint8_t{0});
    std::fill_n(work.totals + ring() * layout_.row_totals(),
                layout_.row_totals() + kernels::kTotalSlack, 0);
    for (int at = 0; at < ring(); ++at) {
      for (int i = 0; i < work.segment_count; ++i) {
        if (!work.segments[i].inside) build(work, work.segments[i], at, zero_pixel_.data(), 0);
      }
    }
  }

  void build_row(const Work& work, int row) const noexcept {
    if (row < 0 || row >= geometry_.in.h) return;
    const int at = ring_row(row);
    const std::ptrdiff_t pixel_words = std::ptrdiff_t{2} * plane_words(geometry_.in.c);
    const Word* const codes = work.input + std::ptrdiff_t{row} * geometry_.in.w * pixel_words;
    for (int i = 0; i < work.segment_count; ++i) {
      const Segment& segment = work.segments[i];
      if (!segment.inside) continue;
      build(work, segment, at, codes + segment.column * pixel_words,
            pixel_words * columns().stride);
    }
  }

  void build(const Work& work, const Segment& segment, int at, const Word* codes,
             std::ptrdiff_t step) const noexcept {
    const auto [phase, lane, from, to, column, inside] = segment;
    const int slots = layout_.slots();
    lookup_.build(
        {.codes = codes,
         .step = step,
         .plane = plane_words(geometry_.in.c),
         .pixels = to - from,
         .groups = layout_.groups(),
         .tables = work.tables + at * layout_.row_bytes() +
                   (std::ptrdiff_t{phase} * slots + from) * layout_.vector_bytes() +
                   (std::ptrdiff_t{lane} << lookup_.group),
         .table_stride = layout_.vector_bytes(),
         .group_stride = layout_.group_stride(),
         .totals = work.totals + at * layout_.row_totals() + totals_of(phase, lane) + from});
  }

  // Elements from a row's totals to those of a lane's phase.
  std::ptrdiff_t totals_of(int phase, int lane) const {
    return (std::ptrdiff_t{phase} * lookup_.lanes + lane) * layout_.slots();
  }

  void multiply_row(const Work& work, int y) const noexcept {
    LookupRun* run = work.runs;
    for (int ky = 0; ky < rows().kernel; ++ky) {
      const int at = ring_row(rows().start(y) + ky * rows().dilation);
      for (const TapRun& in_row : layout_.runs()) {
        const auto [tap, phase, slot] = layout_.start_of(in_row);
        const std::ptrdiff_t vector = std::ptrdiff_t{phase} * layout_.slots() + slot;
        *run++ = {.offset = at * layout_.row_bytes() + vector * layout_.vector_bytes(),
                  .totals = at * layout_.row_totals() + totals_of(phase, 0) + slot,
                  .taps = in_row.taps};
      }
    }
    lookup_.multiply({.tables = work.tables,
                      .group_stride = layout_.group_stride(),
                      .groups = layout_.groups(),
                      .runs = work.runs,
                      .run_count = static_cast<int>(run_count()),
                      .vectors = vectors_,
                      .channels = channels_,
                      .weights = weights_.data(),
                      .totals = work.totals,
                      .lane_totals = layout_.slots(),
                      .sums = work.sums});
  }

  ConvGeometry geometry_;
  const Lookup& lookup_;
  Epilogue<std::int16_t> epilogue_;
  int channels_;  // of the output, whole tiles
  int strips_;
  int vectors_;  // of a strip
  LookupLayout layout_;
  std::vector<Word> zero_pixel_;
  Operand<std::uint8_t> weights_;
};

}  // namespace

std::unique_ptr<const Step> make_lookup_conv(const ConvSpec& spec, const kernels::Kernels& kernels,
                                             const kernels::Lookup& lookup) {
  return std::make_unique<LookupConv>(spec, kernels, lookup);
}

}  // namespace edgebin
