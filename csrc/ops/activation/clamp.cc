// `clamp`: x within `min` and `max`; NaN stays NaN.
#include "ops/activation/elementary.h"
#include "ops/elementwise/elementwise.h"

namespace edgebin {
namespace {

struct Clamp {
  float min;
  float max;
  std::ptrdiff_t channels;

  void operator()(const Buffers& buffers, std::ptrdiff_t pixel, std::ptrdiff_t end) const noexcept {
    const float* const x = elements_of<float>(buffers.inputs[0]);
    float* const y = elements_of<float>(buffers.outputs[0]);
    for (std::ptrdiff_t i = pixel * channels; i < end * channels; ++i) {
      y[i] = at_most(at_least(x[i], min), max);
    }
  }
};

ValueType infer(const NodeView& view) {
  require_inputs(view, 1, {DType::kF32});
  require_keys(view, {});
  require_roles(view, {"min", "max"});
  const Constant& min = *optional_f32(view, "min", 1);
  const Constant& max = *optional_f32(view, "max", 1);
  if (min.element<float>(0) > max.element<float>(0)) {
    refuse(view, Rule::kConstantRange, "min is at most max, found a larger one");
  }
  return view.inputs[0];
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels&) {
  const Shape& shape = view.inputs[0].shape;
  const auto bound = [&](const char* role) {
    return view.node.constants.at(role).element<float>(0);
  };
  return make_pixel_step(shape, Clamp{bound("min"), bound("max"), shape.c});
}

}  // namespace

extern const Op kClamp;
constinit const Op kClamp = elementwise_op("clamp", infer, prepare, 3);

}  // namespace edgebin
