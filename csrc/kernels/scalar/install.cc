// The portable kernels: plain loops in the order of their formulas, for any processor, and the
// reading against which every other folder is tested. No intrinsics here.
#include "kernels/kernels.h"

namespace edgebin::kernels::scalar {

void install_bit_serial(Kernels& kernels);
void install_u8s8(Kernels& kernels);
void install_epilogue(Kernels& kernels);
void install_lookup(Kernels& kernels);
void install_pool(Kernels& kernels);
void install_f32(Kernels& kernels);
void install_threshold(Kernels& kernels);

void install(Kernels& kernels) {
  kernels.isa = "scalar";
  install_bit_serial(kernels);
  install_u8s8(kernels);
  install_epilogue(kernels);
  install_lookup(kernels);
  install_pool(kernels);
  install_f32(kernels);
  install_threshold(kernels);
}

}  // namespace edgebin::kernels::scalar
