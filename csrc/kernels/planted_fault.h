// A deliberate fault, to see that `edgebin verify` finds it: compiled only with the CMake option
// EDGEBIN_PLANTED_FAULT, which names an instruction set. No build for users has it.
#ifndef EDGEBIN_KERNELS_PLANTED_FAULT_H_
#define EDGEBIN_KERNELS_PLANTED_FAULT_H_

#include "kernels/kernels.h"

namespace edgebin::kernels {

// If these kernels are those of the instruction set, makes their bit-serial product negate the sum
// of the first channel at about one pixel in 64, chosen by the inputs of the pixel.
void plant_fault(Kernels& kernels);

}  // namespace edgebin::kernels

#endif  // EDGEBIN_KERNELS_PLANTED_FAULT_H_
