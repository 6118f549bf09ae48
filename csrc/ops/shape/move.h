// What operators that move elements of any type share: the checks of their input, and their facts.
#ifndef EDGEBIN_OPS_SHAPE_MOVE_H_
#define EDGEBIN_OPS_SHAPE_MOVE_H_

#include "ops/check.h"

namespace edgebin {

// Requires one input, which it returns, and allows no constants but `roles` and no attributes but
// `keys`.
const ValueType& moved_input(const NodeView& view, Names roles, Names keys);

// Throws the error of a node that breaks `rule` with its input and a number. The text around the
// number says what the operator takes.
[[noreturn]] void refuse_move(const NodeView& view, Rule rule, std::string_view before,
                              std::int64_t number, std::string_view after);

// The operator of the given functions.
constexpr Op move_op(std::string_view name, InferFn infer, PrepareFn prepare) noexcept {
  return {.name = name,
          .family = Family::kRearrangement,
          .infer = infer,
          .prepare = prepare,
          .packed_size_bound = kPackedLikeTheFile,
          .since = 3};
}

}  // namespace edgebin

#endif  // EDGEBIN_OPS_SHAPE_MOVE_H_
