// `sigmoid`: 1 / (1 + e^-x).
#include "ops/activation/unary.h"

namespace edgebin {

extern const Op kSigmoid;
constinit const Op kSigmoid = unary_op<&kernels::Kernels::sigmoid>("sigmoid", 3);

}  // namespace edgebin
