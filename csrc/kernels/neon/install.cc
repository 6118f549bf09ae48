// The kernels of Advanced SIMD. 64-bit ARM has all of them. 32-bit ARM takes the integer ones that
// it can express; its vectors flush denormals to zero, which FORMAT.md does not allow, and its
// table lookup has half the width, so reals and lookups stay with the portable kernels.
#include "kernels/kernels.h"

#ifndef __aarch64__
namespace edgebin::kernels::scalar {

void install(Kernels& kernels);

}  // namespace edgebin::kernels::scalar
#endif

namespace edgebin::kernels::neon {

void install_bit_serial(Kernels& kernels);
void install_u8s8(Kernels& kernels);
void install_epilogue(Kernels& kernels);
void install_lookup(Kernels& kernels);
void install_pool(Kernels& kernels);
void install_f32(Kernels& kernels);
void install_threshold(Kernels& kernels);

void install(Kernels& kernels) {
#ifdef __aarch64__
  install_epilogue(kernels);
  install_lookup(kernels);
  install_pool(kernels);
  install_f32(kernels);
#else
  scalar::install(kernels);
#endif
  kernels.isa = "neon";
  install_bit_serial(kernels);
  install_u8s8(kernels);
  install_threshold(kernels);
}

}  // namespace edgebin::kernels::neon
