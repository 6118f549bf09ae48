// `relu`: x where x > 0, else +0 (so -0 and NaN become +0).
#include "ops/blocks.h"
#include "ops/check.h"
#include "ops/layout.h"

namespace edgebin {
namespace {

class Relu final : public Step {
 public:
  explicit Relu(std::int64_t elements) : elements_(elements) {}

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const float* const x = elements_of<float>(buffers.inputs[0]);
    float* const y = elements_of<float>(buffers.outputs[0]);
    for_each_block(pool, elements_, 1, [=](std::ptrdiff_t first, std::ptrdiff_t end, int) {
      for (std::int64_t i = first; i < end; ++i) y[i] = x[i] > 0.0f ? x[i] : 0.0f;
    });
  }

 private:
  std::int64_t elements_;
};

ValueType infer(const NodeView& view) {
  require_inputs(view, 1, {DType::kF32});
  require_roles(view, {});
  require_keys(view, {});
  return view.inputs[0];
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels&) {
  return std::make_unique<Relu>(view.inputs[0].shape.elements());
}

}  // namespace

extern const Op kRelu;
constinit const Op kRelu = {"relu", infer, prepare};

}  // namespace edgebin
