// `layer_norm`: mean and variance of each pixel over its channels, in f64.
#include <vector>

#include "ops/blocks.h"
#include "ops/check.h"
#include "ops/constants.h"
#include "ops/layout.h"
#include "ops/reduce/eps.h"

namespace edgebin {
namespace {

class LayerNorm final : public Step {
 public:
  LayerNorm(const NodeView& view, kernels::LayerNormFn normalize)
      : shape_(view.inputs[0].shape),
        scale_(floats_of(view.node.constants.at("scale"))),
        bias_(floats_of(view.node.constants.at("bias"))),
        eps_(eps_of(view)),
        normalize_(normalize) {}

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const float* const x = elements_of<float>(buffers.inputs[0]);
    float* const y = elements_of<float>(buffers.outputs[0]);
    const auto work = [&](std::ptrdiff_t pixel, std::ptrdiff_t end, int) {
      normalize_({x + pixel * shape_.c, end - pixel, shape_.c, scale_.data(), bias_.data(), eps_,
                  y + pixel * shape_.c});
    };
    for_each_block(pool, shape_.pixels(), shape_.c, work);
  }

 private:
  Shape shape_;
  std::vector<float> scale_;
  std::vector<float> bias_;
  double eps_;
  kernels::LayerNormFn normalize_;
};

ValueType infer(const NodeView& view) {
  require_inputs(view, 1, {DType::kF32});
  require_keys(view, {});
  require_affine_and_eps(view);
  return view.inputs[0];
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  return std::make_unique<LayerNorm>(view, kernels.layer_norm);
}

}  // namespace

extern const Op kLayerNorm;
constinit const Op kLayerNorm = {.name = "layer_norm",
                                 .family = Family::kOther,
                                 .infer = infer,
                                 .prepare = prepare,
                                 .packed_size_bound = kPackedLikeTheFile,
                                 .since = 3};

}  // namespace edgebin
