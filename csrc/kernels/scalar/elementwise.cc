// Elementary functions and sums, one number at a time.
#include "kernels/kernels.h"

namespace edgebin::kernels::scalar {
namespace {

constexpr int kLanes = 1;
using Floats = float;
using Bits = std::uint32_t;

}  // namespace
}  // namespace edgebin::kernels::scalar

#include "kernels/generic/elementwise.h"
