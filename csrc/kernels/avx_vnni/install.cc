// The kernels of AVX2 with the byte dot products of AVX-VNNI (VPDPBUSD on 256 bits), which serve
// the product of u8 and s8; all others are those of the folder avx2.
#include "kernels/kernels.h"

#include "kernels/generic/install.h"
