// No lookups: without shuffles of bytes a table of bytes saves nothing, and the bit-serial product
// is faster.
#include "kernels/kernels.h"

namespace edgebin::kernels::scalar {

void install_lookup(Kernels& kernels) { kernels.lookup_count = 0; }

}  // namespace edgebin::kernels::scalar
