// `exp`: e^x.
#include "ops/activation/unary.h"

namespace edgebin {

extern const Op kExp;
constinit const Op kExp = unary_op<&kernels::Kernels::exp>("exp", 3);

}  // namespace edgebin
