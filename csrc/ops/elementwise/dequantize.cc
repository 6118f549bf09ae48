// `dequantize`: code x step. A code has four values, so the products are a table of four.
#include <array>

#include "ops/blocks.h"
#include "ops/check.h"
#include "ops/layout.h"

namespace edgebin {
namespace {

class Dequantize final : public Step {
 public:
  Dequantize(const Shape& shape, float step)
      : shape_(shape), table_{0.0f * step, 1.0f * step, 2.0f * step, 3.0f * step} {}

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const Word* const x = elements_of<Word>(buffers.inputs[0]);
    float* const y = elements_of<float>(buffers.outputs[0]);
    for_each_block(
        pool, shape_.pixels(), shape_.c, [&](std::ptrdiff_t pixel, std::ptrdiff_t end, int) {
          for (; pixel < end; ++pixel) {
            const Word* const low = planes_of(x, pixel, shape_.c);
            const Word* const high = low + plane_words(shape_.c);
            float* const to = y + pixel * shape_.c;
            for (int c = 0; c < shape_.c; ++c) {
              const int bit = c % kernels::kWordBits;
              const auto code =
                  static_cast<std::size_t>((low[c / kernels::kWordBits] >> bit & 1) |
                                           (high[c / kernels::kWordBits] >> bit & 1) << 1);
              to[c] = table_[code];
            }
          }
        });
  }

 private:
  Shape shape_;
  std::array<float, 4> table_;
};

ValueType infer(const NodeView& view) {
  require_inputs(view, 1, {DType::kCode});
  require_roles(view, {"step"});
  require_keys(view, {});
  optional_reals(view, "step", 1);
  return {DType::kF32, view.inputs[0].shape};
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels&) {
  const float step = view.node.constants.at("step").element<float>(0);
  return std::make_unique<Dequantize>(view.inputs[0].shape, step);
}

}  // namespace

extern const Op kDequantize;
constinit const Op kDequantize = {"dequantize", infer, prepare};

}  // namespace edgebin
