// `affine`: value x scale + bias per channel, product and sum each rounded to f32.
#include "ops/blocks.h"
#include "ops/check.h"
#include "ops/constants.h"
#include "ops/layout.h"

namespace edgebin {
namespace {

template <class T>
class Affine final : public Step {
 public:
  Affine(const Shape& shape, std::vector<float> scale, std::vector<float> bias)
      : shape_(shape), scale_(std::move(scale)), bias_(std::move(bias)) {}

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const T* const x = elements_of<T>(buffers.inputs[0]);
    float* const y = elements_of<float>(buffers.outputs[0]);
    for_each_block(pool, shape_.pixels(), shape_.c,
                   [&](std::ptrdiff_t pixel, std::ptrdiff_t end, int) {
                     const float* const scale = scale_.data();
                     const float* const bias = bias_.data();
                     const int channels = shape_.c;
                     for (; pixel < end; ++pixel) {
                       const T* const from = x + pixel * channels;
                       float* const to = y + pixel * channels;
                       for (int c = 0; c < channels; ++c) {
                         to[c] = static_cast<float>(from[c]) * scale[c] + bias[c];
                       }
                     }
                   });
  }

 private:
  Shape shape_;
  std::vector<float> scale_;
  std::vector<float> bias_;
};

ValueType infer(const NodeView& view) {
  require_inputs(view, 1, {DType::kU8, DType::kF32});
  require_roles(view, {"scale", "bias"});
  require_keys(view, {});
  const Shape& shape = view.inputs[0].shape;
  for (const std::string_view role : {"scale", "bias"}) optional_reals(view, role, shape.c);
  return {DType::kF32, shape};
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels&) {
  const ValueType& input = view.inputs[0];
  std::vector<float> scale = floats_of(view.node.constants.at("scale"));
  std::vector<float> bias = floats_of(view.node.constants.at("bias"));
  if (input.dtype == DType::kU8) {
    return std::make_unique<Affine<std::uint8_t>>(input.shape, std::move(scale), std::move(bias));
  }
  return std::make_unique<Affine<float>>(input.shape, std::move(scale), std::move(bias));
}

}  // namespace

extern const Op kAffine;
constinit const Op kAffine = {"affine", infer, prepare};

}  // namespace edgebin
