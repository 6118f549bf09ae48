// `exp`: e^x.
#include "ops/activation/elementary.h"
#include "ops/elementwise/elementwise.h"

namespace edgebin {
namespace {}  // namespace

extern const Op kExp;
constinit const Op kExp = elementwise_op<exponential>("exp", 3);

}  // namespace edgebin
