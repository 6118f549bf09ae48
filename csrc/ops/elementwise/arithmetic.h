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

// The step of an operator whose kernel is given.
std::unique_ptr<const Step> make_arithmetic_step(const NodeView& view, kernels::BinaryFn kernel);

namespace elementwise {

template <kernels::BinaryFn kernels::Kernels::* kKernel>
std::unique_ptr<const Step> prepare_arithmetic(const NodeView& view,
                                               const kernels::Kernels& kernels) {
  return make_arithmetic_step(view, kernels.*kKernel);
}

}  // namespace elementwise

template <kernels::BinaryFn kernels::Kernels::* kKernel>
constexpr Op arithmetic_op(std::string_view name, std::uint32_t since = 1) noexcept {
  return elementwise_op(name, infer_arithmetic, elementwise::prepare_arithmetic<kKernel>, since);
}

}  // namespace edgebin

#endif  // EDGEBIN_OPS_ELEMENTWISE_ARITHMETIC_H_
