// A convolution whose tail begins with `max_pool`: rows of its sums live in a ring, as long as a
// window of the pool sees them, and the whole picture of them exists nowhere.
//
// f32 values rise with their sums, or fall where the scale is negative. So a window whose positions
// share a bias is reduced on sums, and only the winner is finished. Where biases differ, at the
// border of the picture, and where a constant breaks the order, each position is finished first.
#ifndef EDGEBIN_OPS_CONV_POOLED_H_
#define EDGEBIN_OPS_CONV_POOLED_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "ops/conv/row_tiles.h"
#include "ops/elementwise/quantizer.h"
#include "ops/pool/pool.h"

namespace edgebin {

// Product as in row_tiles.h, of i32 sums.
template <class Product>
class PooledConv final : public Step {
  using Sum = std::int32_t;

 public:
  PooledConv(Product product, const ConvSpec& spec, const kernels::Kernels& kernels)
      : strips_(std::move(product)),
        shape_(spec.geometry.out),
        step_(strips_.step(shape_.c)),
        cells_(cells_of(spec)),
        ring_(cells_.rows.longest_span()),
        taps_bytes_(taps_bytes(cells_)),
        values_bytes_(align_up((most_taps(cells_) + 1) * shape_.c * sizeof(float), kCacheLine)),
        kernels_(kernels),
        each_(without_tail(spec), kernels),
        winners_(spec, kernels),
        turn_(static_cast<std::size_t>(shape_.c), 0),
        keeps_(spec.tail.keeps) {
    if (spec.tail.quantize != nullptr) quantizer_.emplace(*spec.tail.quantize, shape_.c);
    if (spec.zero != nullptr) {
      row_classes_ = BorderClasses(spec.geometry.window.rows, spec.geometry.in.h);
      column_classes_ = BorderClasses(spec.geometry.window.columns, spec.geometry.in.w);
    }
    for (int n = 0; n < shape_.c; ++n) turn_[n] = spec.scale->element<float>(n) < 0.0f ? -1 : 0;
    list_segments();
  }

  std::string_view kernel() const noexcept override { return Product::kName; }

  Bytes scratch_bytes() const noexcept override {
    return ring_bytes() + pooled_bytes() + taps_bytes_ + values_bytes_ + strips_.scratch_bytes();
  }

  // Bands of pooled rows; a band makes anew the rows that the one above it has made as well.
  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const int wanted = pool.threads() == 1 ? 1 : kPartsPerThread * pool.threads();
    const int rows = ceil_div(cells_.rows.cells(), wanted);
    pool.parallel_for(ceil_div(cells_.rows.cells(), rows), [&](int index, int worker) {
      const int top = index * rows;
      run_band(buffers, top, std::min(top + rows, cells_.rows.cells()),
               share_of(buffers.scratch, scratch_bytes(), worker));
    });
  }

 private:
  static constexpr int kPartsPerThread = 2;
  static constexpr int kPixelStep = 4;  // kernels take as many at least

  // Neighbouring cells of a row. Of a segment that shares a bias, no more than the convolution has
  // positions of that bias from the first cell's first column on.
  struct Segment {
    int begin;
    int end;
    bool shares_bias;  // along the row
  };

  // What a worker writes to.
  struct Work {
    Sum* ring;
    Sum* pooled;  // winners of a segment
    const void** taps;
    std::span<std::byte> values;  // f32: those of a cell's positions, then the largest of them
    std::span<std::byte> strips;
  };

  static PoolCells cells_of(const ConvSpec& spec) {
    const std::array input = {ValueType{DType::kF32, spec.geometry.out}};
    return window_cells({*spec.tail.pool, input, {}, {}});
  }

  static ConvSpec without_tail(ConvSpec spec) {
    spec.tail = {};
    return spec;
  }

  static bool shares_class(const BorderClasses& classes, const Reach& reach) {
    return reach.count() > 0 && classes.class_at(reach.begin) == classes.class_at(reach.last());
  }

  // Cells inside one class are taken at once: there may be millions of them, and few others.
  void list_segments() {
    const int cells = cells_.columns.cells();
    if (!each_.is_monotone()) {
      segments_.push_back({0, cells, false});
      return;
    }
    for (int i = 0; i < cells; i = segments_.back().end) {
      const Reach reach = cells_.columns.reach(i);
      const bool shares = shares_class(column_classes_, reach);
      // A cell that sees no position has no class.
      const Interior same = shares ? cells_of_class(reach.begin) : Interior{};
      if (same.begin <= i && i < same.end) {
        segments_.push_back({i, same.end, true});
      } else if (!segments_.empty() && continues(segments_.back(), reach, shares)) {
        segments_.back().end = i + 1;
      } else {
        segments_.push_back({i, i + 1, shares});
      }
    }
  }

  // The cells that see nothing but positions of the class of column `column`.
  Interior cells_of_class(int column) const {
    const int index = column_classes_.class_at(column);
    const int begin = index == 0 ? 0 : column_classes_.end_of(index - 1);
    return cells_.columns.within(begin, std::min(column_classes_.end_of(index), shape_.w));
  }

  bool continues(const Segment& segment, const Reach& reach, bool shares) const {
    if (segment.shares_bias != shares) return false;
    if (!shares) return true;
    const int first = cells_.columns.reach(segment.begin).begin;
    const int index = column_classes_.class_at(first);
    return index == column_classes_.class_at(reach.begin) &&
           segment.end - segment.begin < column_classes_.end_of(index) - first;
  }

  Bytes ring_bytes() const { return strips_.sums_bytes(ring_ * shape_.w); }
  Bytes pooled_bytes() const { return strips_.sums_bytes(cells_.columns.cells()); }

  Work work_in(std::span<std::byte> scratch) const noexcept {
    const auto take = [&](Bytes bytes) {
      const std::span<std::byte> part = scratch.first(static_cast<std::size_t>(bytes));
      scratch = share_of(scratch, bytes, 1);
      return part;
    };
    return {.ring = elements_of<Sum>(take(ring_bytes())),
            .pooled = elements_of<Sum>(take(pooled_bytes())),
            .taps = elements_of<const void*>(take(taps_bytes_)),
            .values = take(values_bytes_),
            .strips = scratch};
  }

  void run_band(const Buffers& buffers, int top, int bottom,
                std::span<std::byte> scratch) const noexcept {
    const Work work = work_in(scratch);
    int built = 0;  // rows below this one have been made
    for (int row = top; row < bottom; ++row) {
      const Reach span = cells_.rows.span(row);
      for (int y = std::max(built, span.begin); y < span.end; ++y) build_row(buffers, work, y);
      built = std::max(built, span.end);
      const bool shares = shares_class(row_classes_, cells_.rows.reach(row));
      for (const Segment& segment : segments_) {
        if (shares && segment.shares_bias) {
          pool_sums(buffers, work, row, segment);
        } else {
          for (int i = segment.begin; i < segment.end; ++i) pool_values(buffers, work, row, i);
        }
      }
    }
  }

  void build_row(const Buffers& buffers, const Work& work, int y) const noexcept {
    const int strips = ceil_div(shape_.w, strips_.most_pixels());
    const int strip = std::min(align_up(ceil_div(shape_.w, strips), kPixelStep), shape_.w);
    for (int x = 0; x < shape_.w; x += strip) {
      strips_.run(buffers.inputs[0], {y * shape_.w + x, std::min(strip, shape_.w - x), 0, shape_.c},
                  sums_at(work, y) + std::ptrdiff_t{x} * step_, work.strips);
    }
  }

  Sum* sums_at(const Work& work, int y) const {
    return work.ring + std::ptrdiff_t{y % ring_} * shape_.w * step_;
  }

  void pool_sums(const Buffers& buffers, const Work& work, int row,
                 const Segment& segment) const noexcept {
    const Reach rows = cells_.rows.reach(row);
    const auto row_at = [&](int y) -> const Sum* { return sums_at(work, y); };
    auto** const taps = reinterpret_cast<const Sum**>(work.taps);
    for (int i = segment.begin; i < segment.end; ++i) {
      const int count = list_taps(rows, cells_.columns.reach(i), step_, row_at, taps);
      kernels_.max_sum(taps, count, shape_.c, turn_.data(),
                       work.pooled + std::ptrdiff_t{i - segment.begin} * step_);
    }
    winners_.store({.sums = work.pooled,
                    .step = step_,
                    .pixel = rows.begin * shape_.w + cells_.columns.reach(segment.begin).begin,
                    .to = row * cells_.columns.cells() + segment.begin,
                    .pixels = segment.end - segment.begin,
                    .first = 0,
                    .channels = shape_.c},
                   buffers);
  }

  // One cell.
  void pool_values(const Buffers& buffers, const Work& work, int row, int column) const noexcept {
    const Reach rows = cells_.rows.reach(row);
    const Reach columns = cells_.columns.reach(column);
    const Buffers of_values = {buffers.inputs, {&work.values, 1}, {}};
    const int together = columns.step == 1 ? columns.count() : 1;
    int count = 0;
    for (int y = rows.begin; y < rows.end; y += rows.step) {
      for (int x = columns.begin; x < columns.end; x += columns.step * together) {
        each_.store({.sums = sums_at(work, y) + std::ptrdiff_t{x} * step_,
                     .step = step_,
                     .pixel = y * shape_.w + x,
                     .to = count,
                     .pixels = together,
                     .first = 0,
                     .channels = shape_.c},
                    of_values);
        count += together;
      }
    }
    float* const values = elements_of<float>(work.values);
    auto** const taps = reinterpret_cast<const float**>(work.taps);
    for (int i = 0; i < count; ++i) taps[i] = values + std::ptrdiff_t{i} * shape_.c;
    const int to = row * cells_.columns.cells() + column;
    float* const largest =
        keeps_ ? elements_of<float>(buffers.outputs[0]) + std::ptrdiff_t{to} * shape_.c
               : values + std::ptrdiff_t{count} * shape_.c;
    kernels_.max(taps, count, shape_.c, largest);
    if (!quantizer_) return;
    auto task = quantizer_->task(largest, 1, shape_.c);
    task.codes = codes_at(elements_of<Word>(buffers.outputs.back()), to, shape_.c);
    kernels_.epilogue_f32(task);
  }

  StripProduct<Product> strips_;
  Shape shape_;  // of the convolution's result
  int step_;     // elements from one position's sums to the next one's
  PoolCells cells_;
  int ring_;  // rows
  Bytes taps_bytes_;
  Bytes values_bytes_;
  const kernels::Kernels& kernels_;
  Epilogue<Sum> each_;     // of a position
  Epilogue<Sum> winners_;  // with the tail
  std::vector<Sum> turn_;  // as MaxSumFn takes it
  bool keeps_;
  std::optional<Quantizer> quantizer_;
  BorderClasses row_classes_;
  BorderClasses column_classes_;
  std::vector<Segment> segments_;
};

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_POOLED_H_
