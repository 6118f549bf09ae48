// `add`: the sum of two f32 values of one shape.
#include "base/error.h"
#include "ops/blocks.h"
#include "ops/check.h"
#include "ops/layout.h"

namespace edgebin {
namespace {

class Add final : public Step {
 public:
  explicit Add(std::int64_t elements) : elements_(elements) {}

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const float* const a = elements_of<float>(buffers.inputs[0]);
    const float* const b = elements_of<float>(buffers.inputs[1]);
    float* const y = elements_of<float>(buffers.outputs[0]);
    for_each_block(pool, elements_, 1, [=](std::ptrdiff_t first, std::ptrdiff_t end, int) {
      for (std::int64_t i = first; i < end; ++i) y[i] = a[i] + b[i];
    });
  }

 private:
  std::int64_t elements_;
};

ValueType infer(const NodeView& view) {
  require_inputs(view, 2, {DType::kF32});
  require_roles(view, {});
  require_keys(view, {});
  if (view.inputs[0].shape != view.inputs[1].shape) {
    refuse(view, Rule::kNodeShape,
           message("takes two inputs of one shape, found ", describe(view.inputs[0]), " and ",
                   describe(view.inputs[1])));
  }
  return view.inputs[0];
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels&) {
  return std::make_unique<Add>(view.inputs[0].shape.elements());
}

}  // namespace

extern const Op kAdd;
constinit const Op kAdd = {"add", infer, prepare};

}  // namespace edgebin
