// The kernels of AVX-512 with the matrix tiles of AMX (TILE and INT8), which serve convolutions of
// codes and binary weights and the product of u8 and s8; all others are those of the folder avx512.
#include "kernels/kernels.h"

#define EDGEBIN_BASE avx512
#define EDGEBIN_FAMILIES(X) X(matrix_tiles)
#include "kernels/generic/install.h"
