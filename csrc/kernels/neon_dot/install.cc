// The kernels of Advanced SIMD with the dot products of ARMv8.2 (SDOT), which serve the product of
// u8 and s8; all others are those of the folder neon.
#include "kernels/kernels.h"

#define EDGEBIN_BASE neon
#define EDGEBIN_FAMILIES(X) X(u8s8)
#include "kernels/generic/install.h"
