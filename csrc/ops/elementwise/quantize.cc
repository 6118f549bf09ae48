// `quantize`: f32 to codes by three thresholds per channel, after an optional change of sign.
#include "base/error.h"
#include "ops/elementwise/elementwise.h"
#include "ops/elementwise/quantizer.h"

namespace edgebin {
namespace {

struct Quantize {
  kernels::EpilogueFn<float> kernel;
  int channels;
  Quantizer quantizer;

  void operator()(const Buffers& buffers, std::ptrdiff_t pixel, std::ptrdiff_t end) const noexcept {
    const float* const x = elements_of<float>(buffers.inputs[0]) + pixel * channels;
    auto task = quantizer.task(x, static_cast<int>(end - pixel), channels);
    task.codes = codes_at(elements_of<Word>(buffers.outputs[0]), pixel, channels);
    kernel(task);
  }
};

ValueType infer(const NodeView& view) {
  require_inputs(view, 1, {DType::kF32});
  require_roles(view, {"thresholds"}, {"sign"});
  require_keys(view, {});
  const Shape& shape = view.inputs[0].shape;
  thresholds_of(view, {ConstantType::kF32}, shape.c);
  if (const Constant* sign = optional_constant(view, "sign", {ConstantType::kS8}, {shape.c})) {
    for (int c = 0; c < shape.c; ++c) {
      const auto value = sign->element<std::int8_t>(c);
      if (value == 1 || value == -1) continue;
      refuse(view, Rule::kConstantSign,
             message("sign of channel ", c, " is ", int{value}, ", expected 1 or -1"));
    }
  }
  return {DType::kCode, shape};
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  const Shape& shape = view.inputs[0].shape;
  return make_pixel_step(shape,
                         Quantize{kernels.epilogue_f32, shape.c, Quantizer(view.node, shape.c)});
}

}  // namespace

extern const Op kQuantize;
constinit const Op kQuantize = elementwise_op("quantize", infer, prepare);

}  // namespace edgebin
