// Advanced SIMD with the dot products of ARMv8.2 (SDOT): the product of bytes is made of them, the
// rest is the folder neon's.
#include "kernels/kernels.h"

namespace edgebin::kernels::neon {

void install(Kernels& kernels);

}  // namespace edgebin::kernels::neon

namespace edgebin::kernels::neon_dot {

void install_u8s8(Kernels& kernels);

void install(Kernels& kernels) {
  neon::install(kernels);
  kernels.isa = "neon_dot";
  install_u8s8(kernels);
}

}  // namespace edgebin::kernels::neon_dot
