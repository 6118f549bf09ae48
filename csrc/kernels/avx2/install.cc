// The kernels of AVX2 and POPCNT. No FMA: FORMAT.md rounds each product and each sum.
#include "kernels/kernels.h"

#include "kernels/generic/install.h"
