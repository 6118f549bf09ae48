// `l2_normalize`: each pixel over its length, the square root of the sum of squares over channels.
#include "ops/blocks.h"
#include "ops/check.h"
#include "ops/layout.h"
#include "ops/reduce/eps.h"

namespace edgebin {
namespace {

class L2Normalize final : public Step {
 public:
  L2Normalize(const Shape& shape, float eps, kernels::L2NormalizeFn normalize)
      : shape_(shape), eps_(eps), normalize_(normalize) {}

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const float* const x = elements_of<float>(buffers.inputs[0]);
    float* const y = elements_of<float>(buffers.outputs[0]);
    const auto work = [&](std::ptrdiff_t pixel, std::ptrdiff_t end, int) {
      normalize_(x + pixel * shape_.c, end - pixel, shape_.c, eps_, y + pixel * shape_.c);
    };
    for_each_block(pool, shape_.pixels(), shape_.c, work);
  }

 private:
  Shape shape_;
  float eps_;
  kernels::L2NormalizeFn normalize_;
};

ValueType infer(const NodeView& view) {
  require_inputs(view, 1, {DType::kF32});
  require_roles(view, {"eps"});
  require_keys(view, {});
  eps_of(view);
  return view.inputs[0];
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  return std::make_unique<L2Normalize>(view.inputs[0].shape, eps_of(view), kernels.l2_normalize);
}

}  // namespace

extern const Op kL2Normalize;
constinit const Op kL2Normalize = {.name = "l2_normalize",
                                   .family = Family::kOther,
                                   .infer = infer,
                                   .prepare = prepare,
                                   .packed_size_bound = kPackedLikeTheFile,
                                   .since = 3};

}  // namespace edgebin
