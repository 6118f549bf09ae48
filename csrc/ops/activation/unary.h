// Operators that are one kernel of f32 values, without constants and attributes.
#ifndef EDGEBIN_OPS_ACTIVATION_UNARY_H_
#define EDGEBIN_OPS_ACTIVATION_UNARY_H_

#include "ops/elementwise/elementwise.h"

namespace edgebin {

// Calls body(x, count, y) for blocks of the elements of `shape`.
template <class Body>
std::unique_ptr<const Step> make_element_step(const Shape& shape, Body body) {
  const Shape flat = {1, static_cast<int>(shape.elements()), 1};
  return make_pixel_step(flat,
                         [body](const Buffers& buffers, std::ptrdiff_t begin, std::ptrdiff_t end) {
                           body(elements_of<float>(buffers.inputs[0]) + begin, end - begin,
                                elements_of<float>(buffers.outputs[0]) + begin);
                         });
}

namespace elementwise {

template <kernels::UnaryFn kernels::Kernels::* kKernel>
std::unique_ptr<const Step> prepare_unary(const NodeView& view, const kernels::Kernels& kernels) {
  return make_element_step(view.inputs[0].shape, kernels.*kKernel);
}

}  // namespace elementwise

// The operator that is the given kernel.
template <kernels::UnaryFn kernels::Kernels::* kKernel>
constexpr Op unary_op(std::string_view name, std::uint32_t since) noexcept {
  return elementwise_op(name, infer_elementwise, elementwise::prepare_unary<kKernel>, since);
}

}  // namespace edgebin

#endif  // EDGEBIN_OPS_ACTIVATION_UNARY_H_
