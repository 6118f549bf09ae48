// `resize_bilinear`: a mean of the four nearest pixels, first of two rows, then of two columns.
#include <algorithm>

#include "ops/blocks.h"
#include "ops/check.h"
#include "ops/layout.h"
#include "ops/shape/line.h"

namespace edgebin {
namespace {

// Two positions of the input and their weights.
struct Blend {
  int low;
  int high;
  float low_weight;
  float high_weight;
};

// A row or column of the output, which it is made of: numerator / divisor, a position of the input
// between two.
class Axis {
 public:
  Axis(int size, int count, bool align_corners) : size_(size), count_(count) {
    const std::int64_t from = size;
    const std::int64_t to = count;
    if (!align_corners) {
      line_ = {.factor = 2 * from, .offset = from - to, .divisor = 2 * to};
    } else {
      line_ = {.factor = count > 1 ? from - 1 : 0, .divisor = std::max<std::int64_t>(1, to - 1)};
    }
  }

  int size() const { return size_; }
  int count() const { return count_; }
  LineWalk walk(int i) const { return {line_, i}; }

  Blend blend(const LineWalk& walk) const {
    if (walk.position() < 0) return {0, std::min(1, size_ - 1), 1.0f, 0.0f};
    const float weight = static_cast<float>(walk.rest()) / static_cast<float>(line_.divisor);
    const int low = walk.position();
    return {low, std::min(low + 1, size_ - 1), 1.0f - weight, weight};
  }

 private:
  int size_;   // of the input
  int count_;  // of the output
  Line line_;
};

class ResizeBilinear final : public Step {
 public:
  ResizeBilinear(const Axis& rows, const Axis& columns, int channels)
      : rows_(rows), columns_(columns), channels_(channels) {}

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const float* const x = elements_of<float>(buffers.inputs[0]);
    float* const y = elements_of<float>(buffers.outputs[0]);
    const std::ptrdiff_t in_row = std::ptrdiff_t{columns_.size()} * channels_;
    const std::ptrdiff_t out_row = std::ptrdiff_t{columns_.count()} * channels_;
    const auto work = [&](std::ptrdiff_t i, std::ptrdiff_t end, int) {
      for (; i < end; ++i) {
        const Blend row = rows_.blend(rows_.walk(static_cast<int>(i)));
        blend_row(x + row.low * in_row, x + row.high * in_row, row, y + i * out_row);
      }
    };
    for_each_block(pool, rows_.count(), out_row, work);
  }

 private:
  void blend_row(const float* low, const float* high, const Blend& row, float* y) const noexcept {
    LineWalk walk = columns_.walk(0);
    for (int j = 0; j < columns_.count(); ++j, y += channels_, walk.step()) {
      const Blend column = columns_.blend(walk);
      const std::ptrdiff_t left = std::ptrdiff_t{column.low} * channels_;
      const std::ptrdiff_t right = std::ptrdiff_t{column.high} * channels_;
      blend_pixel(low + left, high + left, low + right, high + right, row, column, y);
    }
  }

  void blend_pixel(const float* low_left, const float* high_left, const float* low_right,
                   const float* high_right, const Blend& row, const Blend& column,
                   float* __restrict y) const noexcept {
    for (int c = 0; c < channels_; ++c) {
      const float left = low_left[c] * row.low_weight + high_left[c] * row.high_weight;
      const float right = low_right[c] * row.low_weight + high_right[c] * row.high_weight;
      y[c] = left * column.low_weight + right * column.high_weight;
    }
  }

  Axis rows_;
  Axis columns_;
  int channels_;
};

ValueType infer(const NodeView& view) {
  require_inputs(view, 1, {DType::kF32});
  require_roles(view, {});
  require_keys(view, {"out_h", "out_w", "align_corners"});
  const int out_h = required_attribute(view, "out_h", 1, kMaxDimension);
  const int out_w = required_attribute(view, "out_w", 1, kMaxDimension);
  attribute_or(view, "align_corners", 0, 1, 0);
  return output_type(view, DType::kF32, out_h, out_w, view.inputs[0].shape.c);
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels&) {
  const Shape& x = view.inputs[0].shape;
  const Shape y = infer(view).shape;
  const bool align_corners = attribute_or(view, "align_corners", 0, 1, 0) == 1;
  return std::make_unique<ResizeBilinear>(Axis(x.h, y.h, align_corners),
                                          Axis(x.w, y.w, align_corners), x.c);
}

}  // namespace

extern const Op kResizeBilinear;
constinit const Op kResizeBilinear = {.name = "resize_bilinear",
                                      .family = Family::kOther,
                                      .infer = infer,
                                      .prepare = prepare,
                                      .packed_size_bound = kPackedLikeTheFile,
                                      .since = 3};

}  // namespace edgebin
