// Elementary functions and sums, eight f32 at a time.
#include "kernels/kernels.h"

namespace edgebin::kernels::avx2 {
namespace {

constexpr int kLanes = 8;
using Floats = float __attribute__((vector_size(kLanes * sizeof(float))));
using Bits = std::uint32_t __attribute__((vector_size(kLanes * sizeof(float))));

}  // namespace
}  // namespace edgebin::kernels::avx2

#include "kernels/generic/elementwise.h"
