// A convolution whose tail begins with `max_pool`: rows of the convolution live in a ring, as long
// as a window of the pool sees them, and the whole picture of them exists nowhere.
#ifndef EDGEBIN_OPS_CONV_POOLED_H_
#define EDGEBIN_OPS_CONV_POOLED_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "ops/conv_strips.h"
#include "ops/pool.h"
#include "ops/quantizer.h"

namespace edgebin {

// Product as in conv_strips.h.
template <class Product>
class PooledConv final : public Step {
 public:
  PooledConv(Product product, const ConvSpec& spec, const kernels::Kernels& kernels)
      : shape_(spec.geometry.out),
        cells_(cells_of(spec)),
        ring_(most_rows(cells_.rows)),
        taps_bytes_(taps_bytes(cells_)),
        max_(kernels.max),
        finish_(kernels.finish_f32),
        keeps_(spec.tail.keeps),
        conv_(std::move(product), without_tail(spec), kernels) {
    if (spec.tail.quantize != nullptr) quantizer_.emplace(*spec.tail.quantize, shape_.c);
    for (int i = 0; i < cells_.columns.cells(); ++i) columns_.push_back(cells_.columns.reach(i));
  }

  std::string_view kernel() const noexcept override { return Product::kName; }

  std::size_t scratch_bytes() const noexcept override {
    return ring_bytes() + pooled_bytes() + taps_bytes_ + conv_.scratch_bytes();
  }

  // Bands of pooled rows; a band makes anew the rows that the one above it has made as well.
  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const int wanted = pool.threads() == 1 ? 1 : kPartsPerThread * pool.threads();
    const int rows = ceil_div(cells_.rows.cells(), wanted);
    pool.parallel_for(ceil_div(cells_.rows.cells(), rows), [&](int index, int worker) {
      const int top = index * rows;
      run_band(buffers, top, std::min(top + rows, cells_.rows.cells()),
               buffers.scratch.subspan(worker * scratch_bytes()));
    });
  }

 private:
  static constexpr int kPartsPerThread = 2;

  static PoolCells cells_of(const ConvSpec& spec) {
    const std::array input = {ValueType{DType::kF32, spec.geometry.out}};
    return window_cells({*spec.tail.pool, input, {}, {}});
  }

  static ConvSpec without_tail(ConvSpec spec) {
    spec.tail = {};
    return spec;
  }

  static int most_rows(const PoolAxis& rows) {
    int most = 0;
    for (int cell = 0; cell < rows.cells(); ++cell) {
      most = std::max(most, rows.span(cell).count());
    }
    return most;
  }

  std::size_t row_bytes() const {
    return static_cast<std::size_t>(shape_.w) * static_cast<std::size_t>(shape_.c) * sizeof(float);
  }
  std::size_t ring_bytes() const { return align_up(ring_ * row_bytes(), kCacheLine); }
  std::size_t pooled_bytes() const {
    return keeps_ ? 0
                  : align_up(std::size_t{1} * cells_.columns.cells() * shape_.c * sizeof(float),
                             kCacheLine);
  }

  void run_band(const Buffers& buffers, int top, int bottom,
                std::span<std::byte> scratch) const noexcept {
    const std::span<std::byte> ring = scratch.first(ring_bytes());
    scratch = scratch.subspan(ring_bytes());
    auto* const pooled = elements_of<float>(scratch);
    scratch = scratch.subspan(pooled_bytes());
    const auto** const taps = elements_of<const float*>(scratch);
    scratch = scratch.subspan(taps_bytes_);
    const Buffers of_conv = {buffers.inputs, {&ring, 1}, {}};
    int built = 0;  // rows below this one have been made
    for (int row = top; row < bottom; ++row) {
      const Reach rows = cells_.rows.span(row);
      for (int y = std::max(built, rows.begin); y < rows.end; ++y) {
        conv_.run_pixels(of_conv, y * shape_.w, shape_.w, y % ring_ * shape_.w, scratch);
      }
      built = std::max(built, rows.end);
      pool_row(elements_of<const float>(ring), row, taps,
               keeps_ ? row_in(buffers.outputs[0], row) : pooled, buffers);
    }
  }

  float* row_in(std::span<std::byte> output, int row) const {
    return elements_of<float>(output) + std::ptrdiff_t{row} * cells_.columns.cells() * shape_.c;
  }

  void pool_row(const float* ring, int row, const float** taps, float* to,
                const Buffers& buffers) const noexcept {
    const int width = cells_.columns.cells();
    const Reach rows = cells_.rows.reach(row);
    const auto row_at = [&](int y) {
      return ring + std::ptrdiff_t{y % ring_} * shape_.w * shape_.c;
    };
    for (int column = 0; column < width; ++column) {
      const int count = list_taps(rows, columns_[column], shape_.c, row_at, taps);
      max_(taps, count, shape_.c, to + std::ptrdiff_t{column} * shape_.c);
    }
    if (!quantizer_) return;
    auto task = quantizer_->task(to, width, shape_.c);
    task.codes =
        codes_at(elements_of<Word>(buffers.outputs.back()), std::ptrdiff_t{row} * width, shape_.c);
    finish_(task);
  }

  Shape shape_;  // of the convolution's result
  PoolCells cells_;
  std::vector<Reach> columns_;
  int ring_;  // rows
  std::size_t taps_bytes_;
  kernels::MaxFn max_;
  kernels::FinishFn<float> finish_;
  bool keeps_;
  std::optional<Quantizer> quantizer_;
  StripConv<Product> conv_;
};

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_POOLED_H_
