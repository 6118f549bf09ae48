// `elu`: x where x > 0, else `alpha` (e^x - 1).
#include "ops/activation/elementary.h"
#include "ops/elementwise/elementwise.h"

namespace edgebin {
namespace {

struct Elu {
  float alpha;
  std::ptrdiff_t channels;

  void operator()(const Buffers& buffers, std::ptrdiff_t pixel, std::ptrdiff_t end) const noexcept {
    const float* const x = elements_of<float>(buffers.inputs[0]);
    float* const y = elements_of<float>(buffers.outputs[0]);
    for (std::ptrdiff_t i = pixel * channels; i < end * channels; ++i) {
      const float below = alpha * (exponential(x[i]) - 1.0f);
      y[i] = x[i] > 0.0f ? x[i] : below;
    }
  }
};

ValueType infer(const NodeView& view) {
  require_inputs(view, 1, {DType::kF32});
  require_keys(view, {});
  require_roles(view, {"alpha"});
  optional_f32(view, "alpha", 1);
  return view.inputs[0];
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels&) {
  const Shape& shape = view.inputs[0].shape;
  return make_pixel_step(shape, Elu{view.node.constants.at("alpha").element<float>(0), shape.c});
}

}  // namespace

extern const Op kElu;
constinit const Op kElu = elementwise_op("elu", infer, prepare, 3);

}  // namespace edgebin
