// The kernels in AVX-512 as Ice Lake and Zen 4 have it: F, BW, DQ, VL, VBMI, VNNI, VPOPCNTDQ. No
// FMA: FORMAT.md rounds products and sums apart.
#include "kernels/kernels.h"

namespace edgebin::kernels::avx512 {

void install_bit_serial(Kernels& kernels);
void install_u8s8(Kernels& kernels);
void install_epilogue(Kernels& kernels);
void install_lookup(Kernels& kernels);
void install_pool(Kernels& kernels);
void install_f32(Kernels& kernels);
void install_threshold(Kernels& kernels);

void install(Kernels& kernels) {
  kernels.isa = "avx512";
  install_bit_serial(kernels);
  install_u8s8(kernels);
  install_epilogue(kernels);
  install_lookup(kernels);
  install_pool(kernels);
  install_f32(kernels);
  install_threshold(kernels);
}

}  // namespace edgebin::kernels::avx512
