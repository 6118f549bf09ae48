// The kernels of Advanced SIMD with the dot products of ARMv8.2 (SDOT), which serve the product of
// u8 and s8; all others are those of the folder neon.
#include "kernels/kernels.h"

#include "kernels/generic/install.h"
