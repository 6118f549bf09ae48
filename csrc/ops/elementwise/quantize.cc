// `quantize`: f32 to codes by three thresholds per channel, after an optional change of sign.
#include "base/error.h"
#include "ops/blocks.h"
#include "ops/check.h"
#include "ops/elementwise/quantizer.h"
#include "ops/layout.h"

namespace edgebin {
namespace {

class Quantize final : public Step {
 public:
  Quantize(const NodeView& view, const kernels::Kernels& kernels)
      : kernel_(kernels.epilogue_f32),
        shape_(view.inputs[0].shape),
        quantizer_(view.node, shape_.c) {}

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const float* const x = elements_of<float>(buffers.inputs[0]);
    Word* const y = elements_of<Word>(buffers.outputs[0]);
    for_each_block(
        pool, shape_.pixels(), shape_.c, [&](std::ptrdiff_t pixel, std::ptrdiff_t end, int) {
          auto task =
              quantizer_.task(x + pixel * shape_.c, static_cast<int>(end - pixel), shape_.c);
          task.codes = codes_at(y, pixel, shape_.c);
          kernel_(task);
        });
  }

 private:
  kernels::EpilogueFn<float> kernel_;
  Shape shape_;
  Quantizer quantizer_;
};

ValueType infer(const NodeView& view) {
  require_inputs(view, 1, {DType::kF32});
  require_roles(view, {"thresholds"}, {"sign"});
  require_keys(view, {});
  const Shape& shape = view.inputs[0].shape;
  thresholds_of(view, {ConstantType::kF32}, shape.c);
  if (const Constant* sign = optional_constant(view, "sign", {ConstantType::kS8}, {shape.c})) {
    for (int c = 0; c < shape.c; ++c) {
      const auto found = sign->element<std::int8_t>(c);
      if (found == 1 || found == -1) continue;
      refuse(view, Rule::kConstantSign,
             message("sign of channel ", c, " is ", int{found}, ", expected 1 or -1"));
    }
  }
  return {DType::kCode, shape};
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  return std::make_unique<Quantize>(view, kernels);
}

}  // namespace

extern const Op kQuantize;
constinit const Op kQuantize = {"quantize", infer, prepare};

}  // namespace edgebin
