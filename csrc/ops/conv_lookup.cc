// Codes and binary weights by table lookup, without patches: the picture is cut into vertical
// strips of output pixels, and a strip walks down its rows. Each input row of the strip becomes
// tables once, in a ring that holds the rows under the window, and serves every tap and every
// output channel that meets it.
//
// A row of tables is [group][phase][slot][lane]: position q of a lane (its input columns, counted
// from the first that tap 0 of its first pixel sees) lies in phase q % stride, slot q / stride, so
// that the tables of neighbouring output pixels are neighbours whatever the stride. Outside the
// picture all tables are zero, as if the codes were.
#include <algorithm>
#include <cstring>
#include <vector>

#include "ops/conv_products.h"
#include "ops/epilogue.h"

namespace edgebin {
namespace {

using kernels::Lookup;
using kernels::LookupRun;

// Where a tap of a window row finds its tables.
struct TapPlace {
  int tap;
  int phase;
  int slot;
};

// Taps of one window row that see neighbouring slots of a phase.
struct RowRun {
  int phase;
  int slot;
  int first;  // in the list of places
  int taps;
};

int groups_of(int channels, int group) {
  const int rest = channels % kernels::kWordBits;
  return channels / kernels::kWordBits * ceil_div(kernels::kWordBits, group) +
         ceil_div(rest, group);
}

class LookupConv final : public Step {
 public:
  LookupConv(const ConvSpec& spec, const kernels::Kernels& kernels, const Lookup& lookup)
      : geometry_(spec.geometry),
        lookup_(lookup),
        epilogue_(spec, kernels),
        groups_(groups_of(geometry_.in.c, lookup.group)),
        channels_(align_up(geometry_.out.c, lookup.tile)),
        strips_(ceil_div(geometry_.out.w, lookup.lanes * lookup.most_vectors)),
        vectors_(ceil_div(ceil_div(geometry_.out.w, strips_), lookup.lanes)),
        zero_pixel_(std::size_t{2} * plane_words(geometry_.in.c), Word{0}) {
    place_taps();
    pack(*spec.weights);
  }

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

  // What a worker writes to while it walks down a strip.
  struct Work {
    const Word* input;
    int column;  // first output column
    std::uint8_t* tables;
    LookupRun* runs;
    std::int32_t* totals;   // [rows of the ring + 1][phase][lane][slot]
    std::int32_t* columns;  // [phase][lane][slot]: totals summed over the window's rows
    std::int32_t* pixels;   // [pixel]: totals of the whole window
    std::int16_t* sums;
    std::int32_t* acc;
  };

  const Axis& rows() const { return geometry_.window.rows; }
  const Axis& columns() const { return geometry_.window.columns; }
  int ring() const { return rows().extent(); }
  int strip_pixels() const { return lookup_.lanes * vectors_; }
  std::ptrdiff_t vector_bytes() const { return std::ptrdiff_t{lookup_.lanes} << lookup_.group; }
  std::ptrdiff_t group_stride() const { return std::ptrdiff_t{phases()} * slots_ * vector_bytes(); }
  std::ptrdiff_t row_bytes() const { return groups_ * group_stride(); }
  // Phases that taps see: the first ones.
  int phases() const { return std::min(columns().stride, columns().extent()); }
  int row_totals() const { return phases() * slots_ * lookup_.lanes; }
  std::size_t run_count() const { return row_runs_.size() * rows().kernel; }

  // The ring's rows, then one row of zeros for what lies above and below the picture.
  std::size_t bytes_of_tables() const {
    return static_cast<std::size_t>(ring() + 1) * static_cast<std::size_t>(row_bytes());
  }
  std::size_t bytes_of_runs() const {
    return align_up(run_count() * sizeof(LookupRun), kCacheLine);
  }
  std::size_t bytes_of_totals() const {
    const std::size_t count = static_cast<std::size_t>(ring() + 2) * row_totals() + strip_pixels();
    return align_up(count * sizeof(std::int32_t), kCacheLine);
  }
  std::size_t bytes_of_sums() const {
    const std::size_t sums = std::size_t{1} * strip_pixels() * channels_ * sizeof(std::int16_t);
    return align_up(sums, kCacheLine) + align_up(channels_ * sizeof(std::int32_t), kCacheLine);
  }

  void place_taps() {
    const Axis& axis = columns();
    for (int tap = 0; tap < axis.kernel; ++tap) {
      const int at = tap * axis.dilation;
      places_.push_back({tap, at % axis.stride, at / axis.stride});
      slots_ = std::max(slots_, vectors_ + at / axis.stride);
    }
    std::ranges::stable_sort(places_, {}, &TapPlace::phase);
    for (int i = 0; i < axis.kernel; ++i) {
      const auto& [tap, phase, slot] = places_[i];
      const bool joins = !row_runs_.empty() && row_runs_.back().phase == phase &&
                         row_runs_.back().slot + row_runs_.back().taps == slot &&
                         row_runs_.back().taps < kernels::kMostTaps;
      if (joins) {
        ++row_runs_.back().taps;
      } else {
        row_runs_.push_back({phase, slot, i, 1});
      }
    }
  }

  // [channels / tile][window row][run][group][tap of the run][tile], a tile's lower half at the
  // even bytes; indices of channels past the last are zero.
  void pack(const Constant& weights) {
    const int half = lookup_.tile / 2;
    const std::size_t tile_bytes = std::size_t{1} * geometry_.taps() * groups_ * lookup_.tile;
    weights_.resize(channels_ / lookup_.tile * tile_bytes);
    const std::size_t row_words = ceil_div(geometry_.depth(), kernels::kWordBits) + 1;
    std::vector<Word> row(row_words);
    std::vector<Word> channels(static_cast<std::size_t>(plane_words(geometry_.in.c)));
    for (int n = 0; n < geometry_.out.c; ++n) {
      std::memcpy(row.data(), weights.bytes.data() + n * weights.row_bytes(), weights.row_bytes());
      const int in_tile = n % lookup_.tile;
      const int lane = in_tile < half ? 2 * in_tile : 2 * (in_tile - half) + 1;
      std::uint8_t* const to = weights_.data() + n / lookup_.tile * tile_bytes + lane;
      for (int ky = 0; ky < rows().kernel; ++ky) {
        for (const RowRun& run : row_runs_) {
          for (int j = 0; j < run.taps; ++j) {
            const int tap = ky * columns().kernel + places_[run.first + j].tap;
            std::ranges::fill(channels, Word{0});
            copy_bits(channels.data(), 0, row.data(),
                      static_cast<std::size_t>(tap) * geometry_.in.c,
                      static_cast<std::size_t>(geometry_.in.c));
            const int before = ky * columns().kernel + run.first;  // taps in the order of the runs
            pack_tap(channels.data(), run.taps,
                     to + (std::ptrdiff_t{1} * before * groups_ + j) * lookup_.tile);
          }
        }
      }
    }
  }

  void pack_tap(const Word* channels, int taps, std::uint8_t* to) const {
    const int per_word = ceil_div(kernels::kWordBits, lookup_.group);
    const unsigned mask = (1u << lookup_.group) - 1;
    for (int g = 0; g < groups_; ++g, to += std::ptrdiff_t{taps} * lookup_.tile) {
      *to = static_cast<std::uint8_t>(channels[g / per_word] >> (g % per_word * lookup_.group) &
                                      mask);
    }
  }

  Work work_in(const Buffers& buffers, int column, std::span<std::byte> scratch) const noexcept {
    Work work{};
    work.input = elements_of<Word>(buffers.inputs[0]);
    work.column = column;
    work.tables = elements_of<std::uint8_t>(scratch);
    scratch = scratch.subspan(bytes_of_tables());
    work.runs = elements_of<LookupRun>(scratch);
    scratch = scratch.subspan(bytes_of_runs());
    work.totals = elements_of<std::int32_t>(scratch);
    work.columns = work.totals + std::ptrdiff_t{ring() + 1} * row_totals();
    work.pixels = work.columns + row_totals();
    scratch = scratch.subspan(bytes_of_totals());
    work.sums = elements_of<std::int16_t>(scratch);
    const std::size_t sums = std::size_t{1} * strip_pixels() * channels_ * sizeof(std::int16_t);
    work.acc = elements_of<std::int32_t>(scratch.subspan(align_up(sums, kCacheLine)));
    return work;
  }

  void run_strip(const Buffers& buffers, int column, int top, int bottom,
                 std::span<std::byte> scratch) const noexcept {
    const Work work = work_in(buffers, column, scratch);
    std::fill_n(work.tables + ring() * row_bytes(), row_bytes(), std::uint8_t{0});
    std::fill_n(work.totals + std::ptrdiff_t{ring()} * row_totals(), row_totals(), 0);
    int built = rows().start(top);  // rows below this one have their tables
    for (int y = top; y < bottom; ++y) {
      const int end = rows().start(y) + ring();
      for (int row = std::max(built, rows().start(y)); row < end; ++row) build_row(work, row);
      built = std::max(built, end);
      multiply_row(work, y);
      store_row(work, y, buffers.output);
    }
  }

  int ring_row(int row) const {
    return row < 0 || row >= geometry_.in.h ? ring() : (row + rows().before) % ring();
  }

  void build_row(const Work& work, int row) const noexcept {
    if (row < 0 || row >= geometry_.in.h) return;
    const int at = ring_row(row);
    for (int phase = 0; phase < phases(); ++phase) {
      for (int lane = 0; lane < lookup_.lanes; ++lane) {
        const int first =
            columns().start(work.column + lane * vectors_) + phase;  // input column of slot 0
        kernels::TableTask task{};
        task.plane = plane_words(geometry_.in.c);
        task.groups = groups_;
        task.table_stride = vector_bytes();
        task.group_stride = group_stride();
        std::uint8_t* const tables = work.tables + at * row_bytes() +
                                     std::ptrdiff_t{phase} * slots_ * vector_bytes() +
                                     (std::ptrdiff_t{lane} << lookup_.group);
        std::int32_t* const totals = work.totals + std::ptrdiff_t{at} * row_totals() +
                                     (std::ptrdiff_t{phase} * lookup_.lanes + lane) * slots_;
        // Slots before, inside and after the picture.
        const int stride = columns().stride;
        const int before = first >= 0 ? 0 : std::min(slots_, ceil_div(-first, stride));
        const int left = geometry_.in.w - first;
        const int inside = std::clamp(left <= 0 ? 0 : ceil_div(left, stride), before, slots_);
        const auto build = [&](int from, int to, const Word* codes, std::ptrdiff_t step) {
          if (from >= to) return;
          task.codes = codes;
          task.step = step;
          task.pixels = to - from;
          task.tables = tables + from * vector_bytes();
          task.totals = totals + from;
          lookup_.build(task);
        };
        build(0, before, zero_pixel_.data(), 0);
        if (before < inside) {
          const std::ptrdiff_t pixel =
              std::ptrdiff_t{row} * geometry_.in.w + first + std::ptrdiff_t{before} * stride;
          build(before, inside, planes_of(work.input, pixel, geometry_.in.c),
                std::ptrdiff_t{2} * task.plane * stride);
        }
        build(inside, slots_, zero_pixel_.data(), 0);
      }
    }
  }

  void multiply_row(const Work& work, int y) const noexcept {
    std::fill_n(work.columns, row_totals(), 0);
    LookupRun* run = work.runs;
    for (int ky = 0; ky < rows().kernel; ++ky) {
      const int at = ring_row(rows().start(y) + ky * rows().dilation);
      for (const RowRun& in_row : row_runs_) {
        const std::ptrdiff_t slot = std::ptrdiff_t{in_row.phase} * slots_ + in_row.slot;
        *run++ = {at * row_bytes() + slot * vector_bytes(), in_row.taps};
      }
      const std::int32_t* const totals = work.totals + std::ptrdiff_t{at} * row_totals();
      for (int i = 0; i < row_totals(); ++i) work.columns[i] += totals[i];
    }
    std::fill_n(work.pixels, strip_pixels(), 0);
    for (const TapPlace& place : places_) {
      for (int lane = 0; lane < lookup_.lanes; ++lane) {
        const std::int32_t* const from =
            work.columns + (std::ptrdiff_t{place.phase} * lookup_.lanes + lane) * slots_ +
            place.slot;
        std::int32_t* const to = work.pixels + std::ptrdiff_t{lane} * vectors_;
        for (int v = 0; v < vectors_; ++v) to[v] += from[v];
      }
    }
    lookup_.multiply({work.tables, group_stride(), groups_, work.runs,
                      static_cast<int>(run_count()), vectors_, channels_, weights_.data(),
                      work.pixels, work.sums});
  }

  void store_row(const Work& work, int y, std::span<std::byte> output) const noexcept {
    const int count = std::min(strip_pixels(), geometry_.out.w - work.column);
    for (int i = 0; i < count; ++i) {
      const std::int16_t* const sums = work.sums + std::ptrdiff_t{i} * channels_;
      std::copy_n(sums, channels_, work.acc);
      epilogue_.store(work.acc, y * geometry_.out.w + work.column + i, 0, geometry_.out.c, output);
    }
  }

  ConvGeometry geometry_;
  const Lookup& lookup_;
  Epilogue epilogue_;
  int groups_;
  int channels_;  // of the output, whole tiles
  int strips_;
  int vectors_;  // of a strip
  int slots_ = 0;
  std::vector<TapPlace> places_;  // by phase, then by slot
  std::vector<RowRun> row_runs_;
  std::vector<Word> zero_pixel_;
  Operand<std::uint8_t> weights_;
};

}  // namespace

std::unique_ptr<const Step> make_lookup_conv(const ConvSpec& spec, const kernels::Kernels& kernels,
                                             const kernels::Lookup& lookup) {
  return std::make_unique<LookupConv>(spec, kernels, lookup);
}

}  // namespace edgebin
