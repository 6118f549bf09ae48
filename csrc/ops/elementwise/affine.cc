// `affine`: value x scale + bias per channel, product and sum each rounded to f32.
#include <vector>

#include "ops/constants.h"
#include "ops/elementwise/elementwise.h"

namespace edgebin {
namespace {

// T is the element type of the input.
template <class T>
struct Affine {
  std::vector<float> scale;
  std::vector<float> bias;

  void operator()(const Buffers& buffers, std::ptrdiff_t pixel, std::ptrdiff_t end) const noexcept {
    const auto channels = static_cast<std::ptrdiff_t>(scale.size());
    const float* const scales = scale.data();
    const float* const biases = bias.data();
    for (; pixel < end; ++pixel) {
      const T* const x = elements_of<T>(buffers.inputs[0]) + pixel * channels;
      float* const y = elements_of<float>(buffers.outputs[0]) + pixel * channels;
      for (std::ptrdiff_t c = 0; c < channels; ++c) {
        y[c] = static_cast<float>(x[c]) * scales[c] + biases[c];
      }
    }
  }
};

ValueType infer(const NodeView& view) {
  require_inputs(view, 1, {DType::kU8, DType::kF32});
  require_roles(view, {"scale", "bias"});
  require_keys(view, {});
  const Shape& shape = view.inputs[0].shape;
  for (const std::string_view role : {"scale", "bias"}) optional_f32(view, role, shape.c);
  return {DType::kF32, shape};
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels&) {
  const ValueType& input = view.inputs[0];
  std::vector<float> scale = floats_of(view.node.constants.at("scale"));
  std::vector<float> bias = floats_of(view.node.constants.at("bias"));
  if (input.dtype == DType::kU8) {
    return make_pixel_step(input.shape, Affine<std::uint8_t>{std::move(scale), std::move(bias)});
  }
  return make_pixel_step(input.shape, Affine<float>{std::move(scale), std::move(bias)});
}

}  // namespace

extern const Op kAffine;
constinit const Op kAffine = elementwise_op("affine", infer, prepare);

}  // namespace edgebin
