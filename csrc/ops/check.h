// Checks that a node says exactly what its operator accepts: arity, roles, keys, types, limits.
// Nothing is repaired and nothing unknown is skipped. Every failure is an Error(kModelFile) of one
// line that names the node, the expected and the found.
#ifndef EDGEBIN_OPS_CHECK_H_
#define EDGEBIN_OPS_CHECK_H_

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "graph/rules.h"
#include "ops/op.h"

namespace edgebin {

[[noreturn]] void refuse(const NodeView& view, Rule rule, std::string_view reason);

using DTypes = std::initializer_list<DType>;
using ConstantTypes = std::initializer_list<ConstantType>;
using Names = std::initializer_list<std::string_view>;

// `count` inputs, each of one of the types.
void require_inputs(const NodeView& view, std::size_t count, DTypes accepted);

// Every required role is there, and no role but those.
void require_roles(const NodeView& view, Names required, Names optional = {});

// No key but those.
void require_keys(const NodeView& view, Names keys);

// The value of an attribute, within low..high.
int required_attribute(const NodeView& view, std::string_view key, int low, int high);
int attribute_or(const NodeView& view, std::string_view key, int low, int high, int absent);

// The constant of a role that is there, of one of the types and of these dimensions (0 is any).
const Constant& constant_of(const NodeView& view, std::string_view role, ConstantTypes types,
                            std::initializer_list<std::int64_t> dims);

// The same, or null where the role is absent.
const Constant* optional_constant(const NodeView& view, std::string_view role, ConstantTypes types,
                                  std::initializer_list<std::int64_t> dims);

// The elements of an f32 constant are finite numbers.
void require_finite(const NodeView& view, std::string_view role, const Constant& constant);

// The same of an f32 constant [channels], where the role is there; else null.
const Constant* optional_reals(const NodeView& view, std::string_view role, std::int64_t channels);

// `thresholds` [channels, 3]: ascending in each row, without NaN. Infinite ones never or always
// pass.
const Constant& thresholds_of(const NodeView& view, ConstantTypes types, std::int64_t channels);

// The type of the output, within the limits.
ValueType output_type(const NodeView& view, DType dtype, std::int64_t h, std::int64_t w,
                      std::int64_t c);

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CHECK_H_
