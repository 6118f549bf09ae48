// `prelu`: x where x > 0, else `slope` x, with a slope for each channel.
#include <vector>

#include "ops/constants.h"
#include "ops/elementwise/elementwise.h"

namespace edgebin {
namespace {

struct Prelu {
  std::vector<float> slope;

  void operator()(const Buffers& buffers, std::ptrdiff_t pixel, std::ptrdiff_t end) const noexcept {
    const auto channels = static_cast<std::ptrdiff_t>(slope.size());
    const float* const slopes = slope.data();
    for (; pixel < end; ++pixel) {
      const float* const x = elements_of<float>(buffers.inputs[0]) + pixel * channels;
      float* const y = elements_of<float>(buffers.outputs[0]) + pixel * channels;
      for (std::ptrdiff_t c = 0; c < channels; ++c) {
        const float below = slopes[c] * x[c];
        y[c] = x[c] > 0.0f ? x[c] : below;
      }
    }
  }
};

ValueType infer(const NodeView& view) {
  require_inputs(view, 1, {DType::kF32});
  require_keys(view, {});
  require_roles(view, {"slope"});
  optional_f32(view, "slope", view.inputs[0].shape.c);
  return view.inputs[0];
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels&) {
  return make_pixel_step(view.inputs[0].shape, Prelu{floats_of(view.node.constants.at("slope"))});
}

}  // namespace

extern const Op kPrelu;
constinit const Op kPrelu = elementwise_op("prelu", infer, prepare, 3);

}  // namespace edgebin
