// The kernels of Advanced SIMD. 64-bit ARM has all of them. 32-bit ARM has the integer ones that it
// can express: its float vectors flush denormals to zero, which FORMAT.md does not allow, and its
// table lookup is half as wide, so all others are the portable ones.
#include "kernels/kernels.h"

#include "kernels/generic/install.h"
