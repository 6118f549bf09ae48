#include "ops/reduce/eps.h"

#include <string>

#include "base/error.h"
#include "ops/check.h"

namespace edgebin {

float eps_of(const NodeView& view) {
  const auto eps = optional_f32(view, "eps", 1)->element<float>(0);
  if (eps < 0.0f) {
    refuse(view, Rule::kConstantFinite,
           message("eps is expected to be at least 0, found ", std::to_string(eps)));
  }
  return eps;
}

void require_affine_and_eps(const NodeView& view) {
  require_roles(view, {"scale", "bias", "eps"});
  const Shape& shape = view.inputs[0].shape;
  for (const std::string_view role : {"scale", "bias"}) optional_f32(view, role, shape.c);
  eps_of(view);
}

}  // namespace edgebin
