// Elementary functions and sums, four f32 at a time.
#include "kernels/kernels.h"

namespace edgebin::kernels::neon {
namespace {

constexpr int kLanes = 4;
using Floats = float __attribute__((vector_size(kLanes * sizeof(float))));
using Bits = std::uint32_t __attribute__((vector_size(kLanes * sizeof(float))));

}  // namespace
}  // namespace edgebin::kernels::neon

#include "kernels/generic/elementwise.h"
