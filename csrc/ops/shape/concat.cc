// `concat`: joins the channels of two or more inputs, in their order.
#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "ops/blocks.h"
#include "ops/check.h"
#include "ops/layout.h"

namespace edgebin {
namespace {

class Concat : public Step {
 public:
  explicit Concat(std::span<const ValueType> inputs) : pixels_(inputs[0].shape.pixels()) {
    for (const ValueType& input : inputs) {
      channels_.push_back(input.shape.c);
      total_ += input.shape.c;
    }
  }

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    for_each_block(pool, pixels_, total_, [&](std::ptrdiff_t pixel, std::ptrdiff_t end, int) {
      for (; pixel < end; ++pixel) join(buffers, pixel);
    });
  }

 protected:
  virtual void join(const Buffers& buffers, std::ptrdiff_t pixel) const noexcept = 0;

  std::int64_t pixels_;
  std::vector<int> channels_;  // of each input
  int total_ = 0;
};

class ConcatFloats final : public Concat {
  using Concat::Concat;

  void join(const Buffers& buffers, std::ptrdiff_t pixel) const noexcept override {
    float* to = elements_of<float>(buffers.outputs[0]) + pixel * total_;
    for (std::size_t i = 0; i < channels_.size(); ++i) {
      to = std::copy_n(elements_of<float>(buffers.inputs[i]) + pixel * channels_[i], channels_[i],
                       to);
    }
  }
};

class ConcatCodes final : public Concat {
  using Concat::Concat;

  void join(const Buffers& buffers, std::ptrdiff_t pixel) const noexcept override {
    Word* const low = planes_of(elements_of<Word>(buffers.outputs[0]), pixel, total_);
    Word* const high = low + plane_words(total_);
    std::fill_n(low, 2 * plane_words(total_), Word{0});
    std::size_t at = 0;
    for (std::size_t i = 0; i < channels_.size(); ++i) {
      const Word* const from = planes_of(elements_of<Word>(buffers.inputs[i]), pixel, channels_[i]);
      const auto count = static_cast<std::size_t>(channels_[i]);
      copy_bits(low, at, from, 0, count);
      copy_bits(high, at, from + plane_words(channels_[i]), 0, count);
      at += count;
    }
  }
};

ValueType infer(const NodeView& view) {
  if (view.inputs.size() < 2) {
    refuse(view, Rule::kNodeInputs, message("takes two or more inputs, has ", view.inputs.size()));
  }
  require_inputs(view, view.inputs.size(), {DType::kCode, DType::kF32});
  require_roles(view, {});
  require_keys(view, {});
  const ValueType& first = view.inputs[0];
  std::int64_t channels = 0;
  for (const ValueType& input : view.inputs) {
    if (input.dtype != first.dtype || input.shape.h != first.shape.h ||
        input.shape.w != first.shape.w) {
      refuse(view, Rule::kNodeShape,
             message("takes inputs of one type, height and width, found ", describe(first), " and ",
                     describe(input)));
    }
    channels += input.shape.c;
  }
  return output_type(view, first.dtype, first.shape.h, first.shape.w, channels);
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels&) {
  if (view.inputs[0].dtype == DType::kCode) return std::make_unique<ConcatCodes>(view.inputs);
  return std::make_unique<ConcatFloats>(view.inputs);
}

}  // namespace

extern const Op kConcat;
constinit const Op kConcat = {.name = "concat",
                              .family = Family::kRearrangement,
                              .infer = infer,
                              .prepare = prepare,
                              .packed_size_bound = kPackedLikeTheFile};

}  // namespace edgebin
