// `gelu_tanh`: the approximation of GELU by tanh, x / (1 + e^-2u) with u = sqrt(2 / pi) (x +
// 0.044715 x^3).
#include "ops/activation/unary.h"

namespace edgebin {

extern const Op kGeluTanh;
constinit const Op kGeluTanh = unary_op<&kernels::Kernels::gelu_tanh>("gelu_tanh", 3);

}  // namespace edgebin
