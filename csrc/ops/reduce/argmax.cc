// `argmax`: the channel of the first of the largest values of each pixel, as f32.
#include "ops/blocks.h"
#include "ops/check.h"
#include "ops/layout.h"

namespace edgebin {
namespace {

class Argmax final : public Step {
 public:
  Argmax(const Shape& shape, kernels::PixelsFn find) : shape_(shape), find_(find) {}

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const float* const x = elements_of<float>(buffers.inputs[0]);
    float* const y = elements_of<float>(buffers.outputs[0]);
    const auto work = [&](std::ptrdiff_t pixel, std::ptrdiff_t end, int) {
      find_(x + pixel * shape_.c, end - pixel, shape_.c, y + pixel);
    };
    for_each_block(pool, shape_.pixels(), shape_.c, work);
  }

 private:
  Shape shape_;
  kernels::PixelsFn find_;
};

ValueType infer(const NodeView& view) {
  require_inputs(view, 1, {DType::kF32});
  require_roles(view, {});
  require_keys(view, {});
  const Shape& shape = view.inputs[0].shape;
  return output_type(view, DType::kF32, shape.h, shape.w, 1);
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  return std::make_unique<Argmax>(view.inputs[0].shape, kernels.argmax);
}

}  // namespace

extern const Op kArgmax;
constinit const Op kArgmax = {.name = "argmax",
                              .family = Family::kOther,
                              .infer = infer,
                              .prepare = prepare,
                              .packed_size_bound = kPackedLikeTheFile,
                              .since = 3};

}  // namespace edgebin
