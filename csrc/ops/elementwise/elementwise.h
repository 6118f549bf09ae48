// What elementwise operators share: checks, blocks and threads. An operator is left with its
// formula.
//
// Without constants it is a function of an f32 value (see relu.cc):
//
//   float relu(float x) { return x > 0.0f ? x : 0.0f; }
//   constinit const Op kRelu = elementwise_op<relu>("relu");
//
// With constants it is a class that holds them and works on a range of pixels (see affine.cc):
//
//   struct Affine {
//     void operator()(const Buffers& buffers, std::ptrdiff_t pixel, std::ptrdiff_t end) const;
//   };
#ifndef EDGEBIN_OPS_ELEMENTWISE_ELEMENTWISE_H_
#define EDGEBIN_OPS_ELEMENTWISE_ELEMENTWISE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "ops/blocks.h"
#include "ops/check.h"
#include "ops/layout.h"
#include "ops/op.h"

namespace edgebin {

// Checks an operator of an f32 value that has neither constants nor attributes. Returns the type of
// its output.
ValueType infer_elementwise(const NodeView& view);

namespace elementwise {

// Applies kFunction to all elements.
template <float (*kFunction)(float)>
class FunctionStep final : public Step {
 public:
  explicit FunctionStep(std::int64_t elements) : elements_(elements) {}

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    float* const y = elements_of<float>(buffers.outputs[0]);
    const float* const x = elements_of<float>(buffers.inputs[0]);
    for_each_block(pool, elements_, 1, [=](std::ptrdiff_t begin, std::ptrdiff_t end, int) {
      for (std::ptrdiff_t i = begin; i < end; ++i) y[i] = kFunction(x[i]);
    });
  }

 private:
  std::int64_t elements_;
};

template <float (*kFunction)(float)>
std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels&) {
  return std::make_unique<FunctionStep<kFunction>>(view.inputs[0].shape.elements());
}

// Calls body(buffers, begin, end) for ranges of pixels.
template <class Body>
class PixelStep final : public Step {
 public:
  PixelStep(const Shape& shape, Body body) : shape_(shape), body_(std::move(body)) {}

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    for_each_block(
        pool, shape_.pixels(), shape_.c,
        [&](std::ptrdiff_t begin, std::ptrdiff_t end, int) { body_(buffers, begin, end); });
  }

 private:
  Shape shape_;
  Body body_;
};

}  // namespace elementwise

// The operator of the given name and functions, which has constants.
constexpr Op elementwise_op(std::string_view name, InferFn infer, PrepareFn prepare,
                            std::uint32_t since = 1) noexcept {
  return {.name = name,
          .family = Family::kElementwise,
          .infer = infer,
          .prepare = prepare,
          .packed_size_bound = kPackedLikeTheFile,
          .since = since};
}

// The operator that applies a function of an f32 value.
template <float (*kFunction)(float)>
constexpr Op elementwise_op(std::string_view name, std::uint32_t since = 1) noexcept {
  return elementwise_op(name, infer_elementwise, elementwise::prepare<kFunction>, since);
}

// The step of an operator that works on pixels of `shape`.
template <class Body>
std::unique_ptr<const Step> make_pixel_step(const Shape& shape, Body body) {
  return std::make_unique<elementwise::PixelStep<Body>>(shape, std::move(body));
}

}  // namespace edgebin

#endif  // EDGEBIN_OPS_ELEMENTWISE_ELEMENTWISE_H_
