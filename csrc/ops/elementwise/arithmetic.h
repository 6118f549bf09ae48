// Operators of two f32 values that broadcast: each dimension is equal, or 1 in one of the two,
// whose elements are repeated along it.
#ifndef EDGEBIN_OPS_ELEMENTWISE_ARITHMETIC_H_
#define EDGEBIN_OPS_ELEMENTWISE_ARITHMETIC_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "ops/elementwise/elementwise.h"

namespace edgebin {

// The version of files since which the shapes may differ.
inline constexpr std::uint32_t kBroadcastsSince = 3;

// Checks the inputs, and returns the type of the output.
ValueType infer_arithmetic(const NodeView& view);

namespace elementwise {

// Elements from one row, pixel and channel of an operand to the next: 0 where it is repeated.
struct Strides {
  std::ptrdiff_t h;
  std::ptrdiff_t w;
  std::ptrdiff_t c;
};
Strides strides_of(const Shape& shape);

template <auto kFunction>
class BroadcastStep final : public Step {
 public:
  BroadcastStep(const Shape& a, const Shape& b, const Shape& y)
      : a_(strides_of(a)), b_(strides_of(b)), y_(y) {}

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const float* const a = elements_of<float>(buffers.inputs[0]);
    const float* const b = elements_of<float>(buffers.inputs[1]);
    float* const y = elements_of<float>(buffers.outputs[0]);
    for_each_block(pool, y_.pixels(), y_.c, [&](std::ptrdiff_t pixel, std::ptrdiff_t end, int) {
      for (; pixel < end; ++pixel) {
        const std::ptrdiff_t h = pixel / y_.w;
        const std::ptrdiff_t w = pixel % y_.w;
        run_pixel(a + h * a_.h + w * a_.w, b + h * b_.h + w * b_.w, y + pixel * y_.c);
      }
    });
  }

 private:
  void run_pixel(const float* a, const float* b, float* y) const noexcept {
    const std::ptrdiff_t channels = y_.c;
    if (a_.c == 0) {
      const float value = *a;
      for (std::ptrdiff_t c = 0; c < channels; ++c) y[c] = kFunction(value, b[c]);
    } else if (b_.c == 0) {
      const float value = *b;
      for (std::ptrdiff_t c = 0; c < channels; ++c) y[c] = kFunction(a[c], value);
    } else {
      for (std::ptrdiff_t c = 0; c < channels; ++c) y[c] = kFunction(a[c], b[c]);
    }
  }

  Strides a_;
  Strides b_;
  Shape y_;
};

template <auto kFunction>
std::unique_ptr<const Step> prepare_arithmetic(const NodeView& view,
                                               const kernels::Kernels& kernels) {
  const Shape& a = view.inputs[0].shape;
  const Shape& b = view.inputs[1].shape;
  if (a == b) return prepare<kFunction>(view, kernels);
  return std::make_unique<BroadcastStep<kFunction>>(a, b, infer_arithmetic(view).shape);
}

}  // namespace elementwise

template <auto kFunction>
constexpr Op arithmetic_op(std::string_view name, std::uint32_t since = 1) noexcept {
  return elementwise_op(name, infer_arithmetic, elementwise::prepare_arithmetic<kFunction>, since);
}

}  // namespace edgebin

#endif  // EDGEBIN_OPS_ELEMENTWISE_ARITHMETIC_H_
