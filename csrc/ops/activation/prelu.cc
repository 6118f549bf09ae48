// `prelu`: x where x > 0, else `slope` x, with a slope for each channel.
#include <vector>

#include "ops/constants.h"
#include "ops/elementwise/elementwise.h"

namespace edgebin {
namespace {

struct Prelu {
  kernels::PreluFn kernel;
  std::vector<float> slope;

  void operator()(const Buffers& buffers, std::ptrdiff_t pixel, std::ptrdiff_t end) const noexcept {
    const auto channels = static_cast<int>(slope.size());
    kernel(elements_of<float>(buffers.inputs[0]) + pixel * channels, end - pixel, channels,
           slope.data(), elements_of<float>(buffers.outputs[0]) + pixel * channels);
  }
};

ValueType infer(const NodeView& view) {
  require_inputs(view, 1, {DType::kF32});
  require_keys(view, {});
  require_roles(view, {"slope"});
  optional_f32(view, "slope", view.inputs[0].shape.c);
  return view.inputs[0];
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  return make_pixel_step(view.inputs[0].shape,
                         Prelu{kernels.prelu, floats_of(view.node.constants.at("slope"))});
}

}  // namespace

extern const Op kPrelu;
constinit const Op kPrelu = elementwise_op("prelu", infer, prepare, 3);

}  // namespace edgebin
