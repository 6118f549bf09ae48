// Checks of a node against its operator: number and types of inputs, constants, attributes, limits.
// Nothing is repaired and nothing unknown is skipped. Every failure is an Error(kModelFile) of one
// line with the node's name, the expected and the found.
#ifndef EDGEBIN_OPS_CHECK_H_
#define EDGEBIN_OPS_CHECK_H_

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "graph/rules.h"
#include "ops/op.h"

namespace edgebin {

// Throws the error of a node that breaks `rule`.
[[noreturn]] void refuse(const NodeView& view, Rule rule, std::string_view reason);

using DTypes = std::initializer_list<DType>;
using ConstantTypes = std::initializer_list<ConstantType>;
using Names = std::initializer_list<std::string_view>;

// Requires `count` inputs, each of one of the accepted types.
void require_inputs(const NodeView& view, std::size_t count, DTypes accepted);

// Requires a constant for each of the `required` roles, and allows no others but the `optional`.
void require_roles(const NodeView& view, Names required, Names optional = {});

// Allows no attributes but these.
void require_keys(const NodeView& view, Names keys);

// Returns the value of an attribute, which is in low..high. attribute_or returns `absent` where
// there is none.
int required_attribute(const NodeView& view, std::string_view key, int low, int high);
int attribute_or(const NodeView& view, std::string_view key, int low, int high, int absent);

// Returns the constant of a role, which is present, of one of the types and of the dimensions
// `dims`, where 0 stands for any.
const Constant& constant_of(const NodeView& view, std::string_view role, ConstantTypes types,
                            std::initializer_list<std::int64_t> dims);

// As constant_of, but returns null where the role is absent.
const Constant* optional_constant(const NodeView& view, std::string_view role, ConstantTypes types,
                                  std::initializer_list<std::int64_t> dims);

// Requires that the elements of an f32 constant are finite.
void require_finite(const NodeView& view, std::string_view role, const Constant& constant);

// Returns the finite f32 constant [channels] of a role, or null where the role is absent.
const Constant* optional_f32(const NodeView& view, std::string_view role, std::int64_t channels);

// Returns the constant `thresholds` [channels, 3]. Each row ascends and has no NaN. Infinities are
// allowed: such a threshold is passed by every value, or by none.
const Constant& thresholds_of(const NodeView& view, ConstantTypes types, std::int64_t channels);

// Returns the type of the output, whose dimensions are within the limits.
ValueType output_type(const NodeView& view, DType dtype, std::int64_t h, std::int64_t w,
                      std::int64_t c);

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CHECK_H_
