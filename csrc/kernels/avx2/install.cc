// The kernels in AVX2 and POPCNT. No FMA: FORMAT.md rounds products and sums apart.
#include "kernels/kernels.h"

namespace edgebin::kernels::avx2 {

void install_bit_serial(Kernels& kernels);
void install_byte(Kernels& kernels);
void install_finish(Kernels& kernels);
void install_lookup(Kernels& kernels);
void install_pool(Kernels& kernels);
void install_real(Kernels& kernels);
void install_threshold(Kernels& kernels);

void install(Kernels& kernels) {
  kernels.isa = "avx2";
  install_bit_serial(kernels);
  install_byte(kernels);
  install_finish(kernels);
  install_lookup(kernels);
  install_pool(kernels);
  install_real(kernels);
  install_threshold(kernels);
}

}  // namespace edgebin::kernels::avx2
