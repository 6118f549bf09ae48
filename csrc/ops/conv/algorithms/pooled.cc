// A convolution with a fused max pool keeps rows of sums in a ring, for as long as a window of the
// pool reads them. The whole result of the convolution is never in memory.
//
// The f32 value of an output rises with its sum, or falls where the scale is negative. So where all
// positions of a window share a bias, the window is reduced on sums, and only the winner goes
// through the epilogue. Where biases differ, at the border of the image, and where a constant
// breaks monotonicity, each position goes through the epilogue first.
#include "ops/conv/algorithms/pooled.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "ops/conv/algorithms/cell_segments.h"
#include "ops/conv/row_tiles.h"
#include "ops/elementwise/quantizer.h"
#include "ops/pool/cells.h"

namespace edgebin {
namespace {

using Sum = U8s8::Sum;

// The cells of the pool over the result of the convolution.
PoolCells cells_of(const ConvSpec& spec) {
  const std::array input = {ValueType{DType::kF32, spec.geometry.out}};
  return window_cells({*spec.post_ops.max_pool, input, {}, {}});
}

ConvSpec without_post_ops(ConvSpec spec) {
  spec.post_ops = {};
  return spec;
}

class PooledConv final : public Step {
 public:
  PooledConv(U8s8 algorithm, const ConvSpec& spec, const kernels::Kernels& kernels)
      : tiles_(std::move(algorithm)),
        shape_(spec.geometry.out),
        step_(tiles_.step(shape_.c)),
        cells_(cells_of(spec)),
        ring_rows_(cells_.rows.max_span_count()),
        taps_bytes_(taps_bytes(cells_)),
        values_bytes_(align_up((max_taps(cells_) + 1) * shape_.c * sizeof(float), kCacheLine)),
        kernels_(kernels),
        position_epilogue_(without_post_ops(spec), kernels),
        winner_epilogue_(spec, kernels),
        turn_(static_cast<std::size_t>(shape_.c), 0),
        f32_output_(spec.post_ops.f32_output) {
    if (spec.post_ops.quantize != nullptr) quantizer_.emplace(*spec.post_ops.quantize, shape_.c);
    BorderClasses column_classes;
    if (spec.zero != nullptr) {
      row_classes_ = BorderClasses(spec.geometry.window.rows, spec.geometry.in.h);
      column_classes = BorderClasses(spec.geometry.window.columns, spec.geometry.in.w);
    }
    for (int n = 0; n < shape_.c; ++n) turn_[n] = spec.scale->element<float>(n) < 0.0f ? -1 : 0;
    segments_ = position_epilogue_.is_monotone()
                    ? list_segments(cells_.columns, column_classes, shape_.w)
                    : std::vector<CellSegment>{{0, cells_.columns.cells(), false}};
  }

  std::string_view kernel() const noexcept override { return U8s8::kKernel; }

  Bytes scratch_bytes() const noexcept override {
    return ring_bytes() + winners_bytes() + taps_bytes_ + values_bytes_ + tiles_.scratch_bytes();
  }

  // Threads share bands of pooled rows. A band computes again the rows that the band above it has
  // computed as well.
  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const int bands = pool.threads() == 1 ? 1 : kBandsPerThread * pool.threads();
    const int rows = ceil_div(cells_.rows.cells(), bands);
    pool.parallel_for(ceil_div(cells_.rows.cells(), rows), [&](int index, int worker) {
      const int top = index * rows;
      run_band(buffers, top, std::min(top + rows, cells_.rows.cells()),
               share_of(buffers.scratch, scratch_bytes(), worker));
    });
  }

 private:
  static constexpr int kBandsPerThread = 2;

  // What a worker writes to.
  struct Work {
    Sum* ring;
    Sum* winners;  // the reduced sums of a segment
    const void** taps;
    std::span<std::byte> values;  // f32 values of a cell's positions, then their maximum
    std::span<std::byte> tiles;
  };

  Bytes ring_bytes() const { return tiles_.sums_bytes(ring_rows_ * shape_.w); }
  Bytes winners_bytes() const { return tiles_.sums_bytes(cells_.columns.cells()); }

  Work work_in(std::span<std::byte> scratch) const noexcept {
    ScratchParts parts(scratch);
    return {.ring = elements_of<Sum>(parts.take(ring_bytes())),
            .winners = elements_of<Sum>(parts.take(winners_bytes())),
            .taps = elements_of<const void*>(parts.take(taps_bytes_)),
            .values = parts.take(values_bytes_),
            .tiles = parts.rest()};
  }

  void run_band(const Buffers& buffers, int top, int bottom,
                std::span<std::byte> scratch) const noexcept {
    const Work work = work_in(scratch);
    int computed = 0;  // rows before this one have been computed
    for (int row = top; row < bottom; ++row) {
      const Reach span = cells_.rows.span(row);
      for (int y = std::max(computed, span.begin); y < span.end; ++y) {
        compute_row(buffers, work, y);
      }
      computed = std::max(computed, span.end);
      const bool rows_share = shares_class(row_classes_, cells_.rows.reach(row));
      for (const CellSegment& segment : segments_) {
        if (rows_share && segment.shares_class) {
          pool_sums(buffers, work, row, segment);
        } else {
          for (int i = segment.begin; i < segment.end; ++i) pool_values(buffers, work, row, i);
        }
      }
    }
  }

  // Computes row y of the convolution's sums.
  void compute_row(const Buffers& buffers, const Work& work, int y) const noexcept {
    const int tiles = ceil_div(shape_.w, tiles_.max_pixels());
    const int tile = std::min(align_up(ceil_div(shape_.w, tiles), tiles_.pixel_step()), shape_.w);
    for (int x = 0; x < shape_.w; x += tile) {
      tiles_.run(buffers.inputs[0], {y * shape_.w + x, std::min(tile, shape_.w - x), 0, shape_.c},
                 sums_of_row(work, y) + std::ptrdiff_t{x} * step_, work.tiles);
    }
  }

  Sum* sums_of_row(const Work& work, int y) const {
    return work.ring + std::ptrdiff_t{y % ring_rows_} * shape_.w * step_;
  }

  // Reduces the cells of a segment on sums.
  void pool_sums(const Buffers& buffers, const Work& work, int row,
                 const CellSegment& segment) const noexcept {
    const Reach rows = cells_.rows.reach(row);
    const auto row_at = [&](int y) -> const Sum* { return sums_of_row(work, y); };
    auto** const taps = reinterpret_cast<const Sum**>(work.taps);
    for (int i = segment.begin; i < segment.end; ++i) {
      const int count = list_taps(rows, cells_.columns.reach(i), step_, row_at, taps);
      kernels_.max_sum(taps, count, shape_.c, turn_.data(),
                       work.winners + std::ptrdiff_t{i - segment.begin} * step_);
    }
    winner_epilogue_.store(
        {.sums = work.winners,
         .step = step_,
         .pixel = rows.begin * shape_.w + cells_.columns.reach(segment.begin).begin,
         .output_pixel = row * cells_.columns.cells() + segment.begin,
         .pixels = segment.end - segment.begin,
         .first_channel = 0,
         .channels = shape_.c},
        buffers);
  }

  // Reduces one cell on f32 values.
  void pool_values(const Buffers& buffers, const Work& work, int row, int column) const noexcept {
    const int count =
        store_values(buffers, work, cells_.rows.reach(row), cells_.columns.reach(column));
    float* const values = elements_of<float>(work.values);
    auto** const taps = reinterpret_cast<const float**>(work.taps);
    for (int i = 0; i < count; ++i) taps[i] = values + std::ptrdiff_t{i} * shape_.c;
    const int pixel = row * cells_.columns.cells() + column;
    float* const maximum =
        f32_output_ ? elements_of<float>(buffers.outputs[0]) + std::ptrdiff_t{pixel} * shape_.c
                    : values + std::ptrdiff_t{count} * shape_.c;
    kernels_.max(taps, count, shape_.c, maximum);
    if (!quantizer_) return;
    auto task = quantizer_->task(maximum, 1, shape_.c);
    task.codes = codes_at(elements_of<Word>(buffers.outputs.back()), pixel, shape_.c);
    kernels_.epilogue_f32(task);
  }

  // Writes the f32 values of a cell's positions to work.values, and returns their number.
  int store_values(const Buffers& buffers, const Work& work, const Reach& rows,
                   const Reach& columns) const noexcept {
    const Buffers to_values = {buffers.inputs, {&work.values, 1}, {}};
    const int together = columns.step == 1 ? columns.count() : 1;
    int count = 0;
    for (int y = rows.begin; y < rows.end; y += rows.step) {
      for (int x = columns.begin; x < columns.end; x += columns.step * together) {
        position_epilogue_.store({.sums = sums_of_row(work, y) + std::ptrdiff_t{x} * step_,
                                  .step = step_,
                                  .pixel = y * shape_.w + x,
                                  .output_pixel = count,
                                  .pixels = together,
                                  .first_channel = 0,
                                  .channels = shape_.c},
                                 to_values);
        count += together;
      }
    }
    return count;
  }

  RowTileSums<U8s8> tiles_;
  Shape shape_;  // of the convolution's result
  int step_;     // elements from the sums of one position to those of the next
  PoolCells cells_;
  int ring_rows_;
  Bytes taps_bytes_;
  Bytes values_bytes_;
  const kernels::Kernels& kernels_;
  Epilogue<Sum> position_epilogue_;  // of each position
  Epilogue<Sum> winner_epilogue_;    // of a cell's winner, with the post-ops
  std::vector<Sum> turn_;            // as MaxSumFn takes it
  bool f32_output_;
  std::optional<Quantizer> quantizer_;
  BorderClasses row_classes_;
  std::vector<CellSegment> segments_;
};

}  // namespace

std::unique_ptr<const Step> make_pooled_conv(U8s8 algorithm, const ConvSpec& spec,
                                             const kernels::Kernels& kernels) {
  return std::make_unique<PooledConv>(std::move(algorithm), spec, kernels);
}

}  // namespace edgebin
