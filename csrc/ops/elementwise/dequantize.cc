// `dequantize`: code x step. A code has four values, so the products are a table of four.
#include <array>

#include "ops/elementwise/elementwise.h"

namespace edgebin {
namespace {

struct Dequantize {
  int channels;
  std::array<float, 4> values;  // of each code

  void operator()(const Buffers& buffers, std::ptrdiff_t pixel, std::ptrdiff_t end) const noexcept {
    for (; pixel < end; ++pixel) {
      const Word* const low = planes_of(elements_of<Word>(buffers.inputs[0]), pixel, channels);
      const Word* const high = low + plane_words(channels);
      float* const y = elements_of<float>(buffers.outputs[0]) + pixel * channels;
      for (int c = 0; c < channels; ++c) {
        const int word = c / kernels::kWordBits;
        const int bit = c % kernels::kWordBits;
        y[c] =
            values[static_cast<std::size_t>((low[word] >> bit & 1) | (high[word] >> bit & 1) << 1)];
      }
    }
  }
};

ValueType infer(const NodeView& view) {
  require_inputs(view, 1, {DType::kCode});
  require_roles(view, {"step"});
  require_keys(view, {});
  optional_f32(view, "step", 1);
  return {DType::kF32, view.inputs[0].shape};
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels&) {
  const float step = view.node.constants.at("step").element<float>(0);
  const Shape& shape = view.inputs[0].shape;
  return make_pixel_step(shape,
                         Dequantize{shape.c, {0.0f * step, 1.0f * step, 2.0f * step, 3.0f * step}});
}

}  // namespace

extern const Op kDequantize;
constinit const Op kDequantize = elementwise_op("dequantize", infer, prepare);

}  // namespace edgebin
