// `tanh`: the hyperbolic tangent: near 0 the polynomial of Cephes, which keeps the relative error
// small, else 1 - 2 / (e^2|x| + 1).
#include "ops/activation/unary.h"

namespace edgebin {

extern const Op kTanh;
constinit const Op kTanh = unary_op<&kernels::Kernels::tanh>("tanh", 3);

}  // namespace edgebin
