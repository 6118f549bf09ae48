#include "ops/pool/reduce.h"

#include <algorithm>

#include "ops/layout.h"

namespace edgebin {
namespace {

// Calls take(output pixel, rows, columns, worker) for every cell; threads share the rows of cells.
template <class Take>
void for_each_cell(const PoolCells& cells, ThreadPool& pool, const Take& take) noexcept {
  const int width = cells.columns.cells();
  pool.parallel_for(cells.rows.cells(), [&](int row, int worker) {
    const Reach rows = cells.rows.reach(row);
    for (int column = 0; column < width; ++column) {
      take(row * width + column, rows, cells.columns.reach(column), worker);
    }
  });
}

// The maximum of codes, 64 channels at a time. Of codes a and b with bits (high, low):
//   high = ah | bh
//   low  = al & (ah | ~bh) | bl & (bh | ~ah)
//
// for a's low bit counts unless b alone has the high bit, and the other way round.
class CodeMaxPool final : public Step {
 public:
  CodeMaxPool(const Shape& input, const PoolCells& cells)
      : width_(input.w), words_(plane_words(input.c)), cells_(cells) {}

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const Word* const x = elements_of<Word>(buffers.inputs[0]);
    Word* const y = elements_of<Word>(buffers.outputs[0]);
    for_each_cell(cells_, pool, [&](int pixel, const Reach& rows, const Reach& columns, int) {
      for (int i = 0; i < words_; ++i) {
        reduce_word(x + i, rows, columns, y + std::ptrdiff_t{2} * pixel * words_ + i);
      }
    });
  }

 private:
  void reduce_word(const Word* x, const Reach& rows, const Reach& columns, Word* y) const noexcept {
    Word low = 0;
    Word high = 0;
    for (int row = rows.begin; row < rows.end; row += rows.step) {
      for (int column = columns.begin; column < columns.end; column += columns.step) {
        const Word* const at = x + (std::ptrdiff_t{row} * width_ + column) * 2 * words_;
        const Word other_low = at[0];
        const Word other_high = at[words_];
        low = (low & (high | ~other_high)) | (other_low & (other_high | ~high));
        high |= other_high;
      }
    }
    y[0] = low;
    y[words_] = high;
  }

  int width_;
  int words_;
  PoolCells cells_;
};

// The maximum or the mean of f32: `reduce` computes an output pixel from the positions of its cell.
// Padding is left out of the mean's sum: it would add +0, which changes no sum that starts at +0.
template <class Reduce>
class F32Pool final : public Step {
 public:
  F32Pool(const Shape& input, const PoolCells& cells, const Reduce& reduce)
      : input_(input), cells_(cells), reduce_(reduce), taps_bytes_(taps_bytes(cells)) {}

  Bytes scratch_bytes() const noexcept override { return taps_bytes_; }

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const float* const x = elements_of<float>(buffers.inputs[0]);
    float* const y = elements_of<float>(buffers.outputs[0]);
    const auto row_at = [&](int row) { return x + std::ptrdiff_t{row} * input_.w * input_.c; };
    for_each_cell(cells_, pool,
                  [&](int pixel, const Reach& rows, const Reach& columns, int worker) {
                    const auto scratch = share_of(buffers.scratch, taps_bytes_, worker);
                    const auto** const taps = elements_of<const float*>(scratch);
                    const int count = list_taps(rows, columns, input_.c, row_at, taps);
                    reduce_(taps, count, input_.c, y + std::ptrdiff_t{pixel} * input_.c);
                  });
  }

 private:
  Shape input_;
  PoolCells cells_;
  Reduce reduce_;
  Bytes taps_bytes_;
};

struct Mean {
  kernels::MeanFn kernel;
  int divisor;  // 0 stands for the number of positions

  void operator()(const float* const* taps, int count, int channels, float* y) const noexcept {
    kernel(taps, count, channels, static_cast<float>(divisor != 0 ? divisor : count), y);
  }
};

}  // namespace

ValueType infer_pool(const NodeView& view, DTypes accepted, Names keys,
                     PoolCells (*cells_of)(const NodeView& view)) {
  require_inputs(view, 1, accepted);
  require_roles(view, {});
  require_keys(view, keys);
  const PoolCells cells = cells_of(view);
  const ValueType& input = view.inputs[0];
  return output_type(view, input.dtype, cells.rows.cells(), cells.columns.cells(), input.shape.c);
}

std::unique_ptr<const Step> make_max_pool(const ValueType& input, const PoolCells& cells,
                                          const kernels::Kernels& kernels) {
  if (input.dtype == DType::kCode) return std::make_unique<CodeMaxPool>(input.shape, cells);
  return std::make_unique<F32Pool<kernels::MaxFn>>(input.shape, cells, kernels.max);
}

std::unique_ptr<const Step> make_avg_pool(const ValueType& input, const PoolCells& cells,
                                          int divisor, const kernels::Kernels& kernels) {
  const Mean mean = {kernels.mean, divisor};
  return std::make_unique<F32Pool<Mean>>(input.shape, cells, mean);
}

}  // namespace edgebin
