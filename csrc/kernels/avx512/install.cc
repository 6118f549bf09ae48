// The kernels of AVX-512 as Ice Lake and Zen 4 have it: F, BW, DQ, VL, VBMI, VNNI, VPOPCNTDQ. No
// FMA: FORMAT.md rounds each product and each sum.
#include "kernels/kernels.h"

#include "kernels/generic/install.h"
