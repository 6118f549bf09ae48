// `transpose`: a permutation of height, width and channels. Where channels stay last, whole pixels
// move. Else the work is transposing matrices: of elements, tile by tile, or of bits, 64 by 64.
#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "ops/blocks.h"
#include "ops/layout.h"
#include "ops/shape/move.h"

namespace edgebin {
namespace {

using Axes = std::array<int, 3>;

Axes axes_of(const NodeView& view) {
  const Axes axes = {required_attribute(view, "axis_0", 0, 2),
                     required_attribute(view, "axis_1", 0, 2),
                     required_attribute(view, "axis_2", 0, 2)};
  if (axes[0] == axes[1] || axes[0] == axes[2] || axes[1] == axes[2]) {
    refuse(view, Rule::kAttributeRange,
           "axis_0, axis_1 and axis_2: expected a permutation of 0, 1 and 2, found none");
  }
  return axes;
}

int size_of(const Shape& shape, int axis) {
  return axis == 0 ? shape.h : axis == 1 ? shape.w : shape.c;
}

// An axis of the output: its size, and the steps from one position to the next, in pixels.
struct OutAxis {
  int size;
  std::ptrdiff_t in_step;  // 0: from channel to channel
  std::ptrdiff_t out_step;
};

constexpr int kTile = 64;

// Transposes 64 rows of 64 bits in place: halves change places, then quarters, ...
void transpose_bits(std::array<Word, kTile>& rows) {
  Word mask = 0x00000000ffffffffu;
  for (std::size_t half = kTile / 2; half > 0; half /= 2, mask ^= mask << half) {
    for (std::size_t i = 0; i < rows.size(); i = (i + half + 1) & ~half) {
      Word& low = rows[i];
      Word& high = rows[i + half];
      const Word changed = ((low >> half) ^ high) & mask;
      high ^= changed;
      low ^= changed << half;
    }
  }
}

class Transpose final : public Step {
 public:
  Transpose(const ValueType& input, const Axes& axes)
      : dtype_(input.dtype), in_channels_(input.shape.c), channels_(size_of(input.shape, axes[2])) {
    const auto axis = [&](int k, std::ptrdiff_t out_step) -> OutAxis {
      const int from = axes[static_cast<std::size_t>(k)];
      const std::ptrdiff_t in_step = from == 0 ? input.shape.w : from == 1 ? 1 : 0;
      return {size_of(input.shape, from), in_step, out_step};
    };
    outer_ = axis(0, size_of(input.shape, axes[1]));
    rows_ = axis(1, 1);
    columns_ = axis(2, 0);
    if (rows_.in_step != 0) std::swap(outer_, rows_);  // rows count input channels, if not columns
  }

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const bool whole = columns_.in_step == 0;
    const int tiles = whole ? rows_.size : ceil_div(rows_.size, kTile);
    const auto work = [&](std::ptrdiff_t item, std::ptrdiff_t end, int) {
      for (; item < end; ++item) {
        const std::ptrdiff_t outer = item / tiles;
        const auto tile = static_cast<int>(item % tiles);
        if (whole) {
          move_pixel(buffers, outer * outer_.in_step + tile * rows_.in_step,
                     outer * outer_.out_step + tile * rows_.out_step);
        } else {
          for (int column = 0; column < columns_.size; column += kTile) {
            move_tile(buffers, outer, tile * kTile, column);
          }
        }
      }
    };
    const int rows = whole ? 1 : std::min(kTile, rows_.size);
    for_each_block(pool, std::int64_t{outer_.size} * tiles, std::int64_t{rows} * columns_.size,
                   work);
  }

 private:
  void move_pixel(const Buffers& buffers, std::ptrdiff_t from, std::ptrdiff_t to) const noexcept {
    const auto bytes = static_cast<std::size_t>(pixel_bytes(dtype_, channels_));
    std::memcpy(buffers.outputs[0].data() + static_cast<std::size_t>(to) * bytes,
                buffers.inputs[0].data() + static_cast<std::size_t>(from) * bytes, bytes);
  }

  // Rows row, row + 1, ... and columns column, column + 1, ..., at most kTile each.
  void move_tile(const Buffers& buffers, std::ptrdiff_t outer, int row, int column) const noexcept {
    if (dtype_ == DType::kCode) return move_bits(buffers, outer, row, column);
    if (dtype_ == DType::kU8) return move_elements<std::uint8_t>(buffers, outer, row, column);
    move_elements<std::uint32_t>(buffers, outer, row, column);
  }

  // T has the size of an element.
  template <class T>
  void move_elements(const Buffers& buffers, std::ptrdiff_t outer, int row,
                     int column) const noexcept {
    const std::ptrdiff_t in_pixel = outer * outer_.in_step + column * columns_.in_step;
    const T* x = elements_of<T>(buffers.inputs[0]) + in_pixel * in_channels_ + row;
    const std::ptrdiff_t step = columns_.in_step * in_channels_;
    const int columns = std::min(kTile, columns_.size - column);
    const int end = std::min(row + kTile, rows_.size);
    for (; row < end; ++row, ++x) {
      const std::ptrdiff_t out_pixel = outer * outer_.out_step + row * rows_.out_step;
      T* const y = elements_of<T>(buffers.outputs[0]) + out_pixel * channels_ + column;
      for (int c = 0; c < columns; ++c) y[c] = x[c * step];
    }
  }

  void move_bits(const Buffers& buffers, std::ptrdiff_t outer, int row, int column) const noexcept {
    const Word* const x = elements_of<Word>(buffers.inputs[0]);
    Word* const y = elements_of<Word>(buffers.outputs[0]);
    const int columns = std::min(kTile, columns_.size - column);
    const int rows = std::min(kTile, rows_.size - row);
    for (int plane = 0; plane < 2; ++plane) {
      const std::ptrdiff_t word_in = plane * plane_words(in_channels_) + row / kTile;
      const std::ptrdiff_t word_out = plane * plane_words(channels_) + column / kTile;
      std::array<Word, kTile> bits = {};
      for (int c = 0; c < columns; ++c) {
        const std::ptrdiff_t pixel = outer * outer_.in_step + (column + c) * columns_.in_step;
        bits[static_cast<std::size_t>(c)] = planes_of(x, pixel, in_channels_)[word_in];
      }
      transpose_bits(bits);
      for (int r = 0; r < rows; ++r) {
        const std::ptrdiff_t pixel = outer * outer_.out_step + (row + r) * rows_.out_step;
        planes_of(y, pixel, channels_)[word_out] = bits[static_cast<std::size_t>(r)];
      }
    }
  }

  DType dtype_;
  int in_channels_;
  int channels_;
  OutAxis outer_;
  OutAxis rows_;
  OutAxis columns_;
};

ValueType infer(const NodeView& view) {
  const ValueType& x = moved_input(view, {}, {"axis_0", "axis_1", "axis_2"});
  const Axes axes = axes_of(view);
  return {x.dtype,
          {size_of(x.shape, axes[0]), size_of(x.shape, axes[1]), size_of(x.shape, axes[2])}};
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels&) {
  const ValueType& x = view.inputs[0];
  const Axes axes = axes_of(view);
  if (x.shape.c > 1 || x.dtype == DType::kCode) return std::make_unique<Transpose>(x, axes);
  // With one channel, rows and columns make a matrix: as columns and channels it moves by tiles.
  const bool kept = axes[0] == 0 || axes[2] == 1;
  return std::make_unique<Transpose>(ValueType{x.dtype, {1, x.shape.h, x.shape.w}},
                                     kept ? Axes{0, 1, 2} : Axes{0, 2, 1});
}

}  // namespace

extern const Op kTranspose;
constinit const Op kTranspose = move_op("transpose", infer, prepare);

}  // namespace edgebin
