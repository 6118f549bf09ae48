// Elementary functions and sums, sixteen f32 at a time.
#include "kernels/kernels.h"

namespace edgebin::kernels::avx512 {
namespace {

constexpr int kLanes = 16;
using Floats = float __attribute__((vector_size(kLanes * sizeof(float))));
using Bits = std::uint32_t __attribute__((vector_size(kLanes * sizeof(float))));

}  // namespace
}  // namespace edgebin::kernels::avx512

#include "kernels/generic/elementwise.h"
