#include "ops/reduce/axes.h"

#include <algorithm>

#include "ops/blocks.h"
#include "ops/check.h"
#include "ops/layout.h"

namespace edgebin {
namespace {

struct Axes {
  bool h;
  bool w;
  bool c;
};

Axes axes_of(const NodeView& view) {
  const auto over = [&](std::string_view key) { return attribute_or(view, key, 0, 1, 0) == 1; };
  return {over("over_h"), over("over_w"), over("over_c")};
}

// The positions that an output position is made of, as rows of a matrix: output position i starts
// at element i * start_step. Where only the height is reduced, an image row is one row of it.
struct Space {
  int outputs;
  std::ptrdiff_t start_step;
  int rows;
  std::ptrdiff_t row_step;
  int channels;
};

Space space_of(const Shape& shape, const Axes& axes) {
  const std::ptrdiff_t pixel = shape.c;
  const std::ptrdiff_t row = pixel * shape.w;
  if (axes.h && axes.w) return {1, 0, shape.h * shape.w, pixel, shape.c};
  if (axes.w) return {shape.h, row, shape.w, pixel, shape.c};
  if (axes.c) return {shape.w, pixel, shape.h, row, shape.c};
  return {1, 0, shape.h, row, shape.w * shape.c};
}

// Channels that a thread takes of the one output position there is: few enough for all threads,
// enough for whole cache lines.
int channels_of_a_part(const Space& space, int threads) {
  if (space.outputs > 1) return space.channels;
  constexpr int kUnit = 64;
  return align_up(ceil_div(space.channels, threads), kUnit);
}

class SpaceReduction final : public Step {
 public:
  SpaceReduction(const Space& space, const Reduction& reduction, std::int64_t count)
      : space_(space), reduction_(reduction), count_(static_cast<float>(count)) {}

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const float* const x = elements_of<float>(buffers.inputs[0]);
    float* const y = elements_of<float>(buffers.outputs[0]);
    const int part = channels_of_a_part(space_, pool.threads());
    const int parts = ceil_div(space_.channels, part);
    const auto work = [&](std::ptrdiff_t item, std::ptrdiff_t end, int) {
      for (; item < end; ++item) reduce(x, item / parts, static_cast<int>(item % parts), part, y);
    };
    for_each_block(pool, std::int64_t{space_.outputs} * parts, std::int64_t{space_.rows} * part,
                   work);
  }

 private:
  void reduce(const float* x, std::ptrdiff_t output, int index, int part, float* y) const noexcept {
    const int first = index * part;
    const int channels = std::min(part, space_.channels - first);
    float* const to = y + output * space_.channels + first;
    reduction_.rows(
        {x + output * space_.start_step + first, space_.row_step, space_.rows, channels, to});
    if (!reduction_.divide) return;
    for (int c = 0; c < channels; ++c) to[c] /= count_;
  }

  Space space_;
  Reduction reduction_;
  float count_;
};

// Of each pixel.
class ChannelReduction final : public Step {
 public:
  ChannelReduction(const Shape& shape, const Reduction& reduction)
      : shape_(shape), reduction_(reduction) {}

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const float* const x = elements_of<float>(buffers.inputs[0]);
    float* const y = elements_of<float>(buffers.outputs[0]);
    const auto count = static_cast<float>(shape_.c);
    const auto work = [&](std::ptrdiff_t pixel, std::ptrdiff_t end, int) {
      reduction_.channels(x + pixel * shape_.c, end - pixel, shape_.c, y + pixel);
      if (!reduction_.divide) return;
      for (; pixel < end; ++pixel) y[pixel] /= count;
    };
    for_each_block(pool, shape_.pixels(), shape_.c, work);
  }

 private:
  Shape shape_;
  Reduction reduction_;
};

// Of space, then of the channels of what that gives.
class FullReduction final : public Step {
 public:
  FullReduction(const Space& space, const Reduction& reduction, std::int64_t count)
      : space_(space), reduction_(reduction), count_(static_cast<float>(count)) {}

  Bytes scratch_bytes() const noexcept override {
    return align_up(static_cast<Bytes>(space_.channels) * sizeof(float), kCacheLine);
  }

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const float* const x = elements_of<float>(buffers.inputs[0]);
    float* const y = elements_of<float>(buffers.outputs[0]);
    const auto work = [&](std::ptrdiff_t output, std::ptrdiff_t end, int worker) {
      auto* const channels = elements_of<float>(share_of(buffers.scratch, scratch_bytes(), worker));
      for (; output < end; ++output) {
        reduction_.rows({x + output * space_.start_step, space_.row_step, space_.rows,
                         space_.channels, channels});
        reduction_.channels(channels, 1, space_.channels, y + output);
        if (reduction_.divide) y[output] /= count_;
      }
    };
    for_each_block(pool, space_.outputs, std::int64_t{space_.rows} * space_.channels, work);
  }

 private:
  Space space_;
  Reduction reduction_;
  float count_;
};

}  // namespace

ValueType infer_reduction(const NodeView& view) {
  require_inputs(view, 1, {DType::kF32});
  require_roles(view, {});
  require_keys(view, {"over_h", "over_w", "over_c"});
  const Axes axes = axes_of(view);
  if (!axes.h && !axes.w && !axes.c) {
    refuse(view, Rule::kAttributeRange,
           "one of over_h, over_w and over_c is expected to be 1, found none");
  }
  const Shape& shape = view.inputs[0].shape;
  return output_type(view, DType::kF32, axes.h ? 1 : shape.h, axes.w ? 1 : shape.w,
                     axes.c ? 1 : shape.c);
}

std::unique_ptr<const Step> make_reduction(const NodeView& view, const Reduction& reduction) {
  const Shape& shape = view.inputs[0].shape;
  const Axes axes = axes_of(view);
  if (!axes.h && !axes.w) return std::make_unique<ChannelReduction>(shape, reduction);
  const std::int64_t positions = std::int64_t{axes.h ? shape.h : 1} * (axes.w ? shape.w : 1);
  const Space space = space_of(shape, axes);
  if (!axes.c) return std::make_unique<SpaceReduction>(space, reduction, positions);
  return std::make_unique<FullReduction>(space, reduction, positions * shape.c);
}

}  // namespace edgebin
