// `quantize`: f32 to codes by three thresholds per channel, after an optional change of sign.
#include "base/error.h"
#include "ops/blocks.h"
#include "ops/check.h"
#include "ops/constants.h"
#include "ops/layout.h"

namespace edgebin {
namespace {

class Quantize final : public Step {
 public:
  Quantize(const NodeView& view, kernels::QuantizeFn kernel)
      : kernel_(kernel),
        shape_(view.inputs[0].shape),
        stride_(align_up(shape_.c, kernels::kWordBits)),
        thresholds_(thresholds_by_rank<float>(view.node.constants.at("thresholds"), stride_)),
        sign_(static_cast<std::size_t>(stride_), 1.0f) {
    const auto sign = view.node.constants.find("sign");
    if (sign == view.node.constants.end()) return;
    for (int c = 0; c < shape_.c; ++c) sign_[c] = sign->second.element<std::int8_t>(c);
  }

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const float* const x = elements_of<float>(buffers.inputs[0]);
    Word* const y = elements_of<Word>(buffers.output);
    for_each_block(pool, shape_.pixels(), shape_.c, [&](std::int64_t pixel, std::int64_t end, int) {
      for (; pixel < end; ++pixel) {
        Word* const low = planes_of(y, pixel, shape_.c);
        kernel_(x + pixel * shape_.c, sign_.data(), thresholds_.data(), stride_, shape_.c, low,
                low + plane_words(shape_.c));
      }
    });
  }

 private:
  kernels::QuantizeFn kernel_;
  Shape shape_;
  int stride_;
  Operand<float> thresholds_;
  Operand<float> sign_;
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
      refuse(view, message("sign of channel ", c, " is ", int{found}, ", expected 1 or -1"));
    }
  }
  return {DType::kCode, shape};
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  return std::make_unique<Quantize>(view, kernels.quantize);
}

}  // namespace

extern const Op kQuantize;
constinit const Op kQuantize = {"quantize", infer, prepare};

}  // namespace edgebin
