// The kernels in AVX2 and POPCNT. No FMA: FORMAT.md rounds products and sums apart.
#include "kernels/kernels.h"

namespace edgebin::kernels::avx2 {

void install_bit_serial(Kernels& kernels);
void install_u8s8(Kernels& kernels);
void install_epilogue(Kernels& kernels);
void install_lookup(Kernels& kernels);
void install_pool(Kernels& kernels);
void install_f32(Kernels& kernels);
void install_threshold(Kernels& kernels);

void install(Kernels& kernels) {
  kernels.isa = "avx2";
  install_bit_serial(kernels);
  install_u8s8(kernels);
  install_epilogue(kernels);
  install_lookup(kernels);
  install_pool(kernels);
  install_f32(kernels);
  install_threshold(kernels);
}

}  // namespace edgebin::kernels::avx2
