#include "ops/shape/move.h"

#include "base/error.h"

namespace edgebin {

const ValueType& moved_input(const NodeView& view, Names roles, Names keys) {
  require_inputs(view, 1, {DType::kU8, DType::kCode, DType::kF32});
  require_roles(view, {}, roles);
  require_keys(view, keys);
  return view.inputs[0];
}

void refuse_move(const NodeView& view, Rule rule, std::string_view before, std::int64_t number,
                 std::string_view after) {
  refuse(view, rule,
         message("takes ", before, number, after, ", found ", describe(view.inputs[0])));
}

}  // namespace edgebin
