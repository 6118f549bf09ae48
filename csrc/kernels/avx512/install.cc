// The kernels in AVX-512 as Ice Lake and Zen 4 have it: F, BW, DQ, VL, VBMI, VNNI, VPOPCNTDQ. No
// FMA: FORMAT.md rounds products and sums apart.
#include "kernels/kernels.h"

namespace edgebin::kernels::avx512 {

void install_bit_serial(Kernels& kernels);
void install_byte(Kernels& kernels);
void install_finish(Kernels& kernels);
void install_lookup(Kernels& kernels);
void install_pool(Kernels& kernels);
void install_real(Kernels& kernels);
void install_threshold(Kernels& kernels);

void install(Kernels& kernels) {
  kernels.isa = "avx512";
  install_bit_serial(kernels);
  install_byte(kernels);
  install_finish(kernels);
  install_lookup(kernels);
  install_pool(kernels);
  install_real(kernels);
  install_threshold(kernels);
}

}  // namespace edgebin::kernels::avx512
