// The kernels of AVX-512 with the matrix tiles of AMX (TILE and INT8), which serve convolutions of
// codes and binary weights and the product of u8 and s8; all others are those of the folder avx512.
#include "kernels/kernels.h"

#include "kernels/generic/install.h"
