// The portable kernels: plain loops in the order of their formulas, for any processor, and the
// reference against which every other folder is tested. No intrinsics here.
#include "kernels/kernels.h"

#include "kernels/generic/install.h"
