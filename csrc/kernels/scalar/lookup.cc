// No lookups: without a shuffle of bytes each would serve one channel. The bit-serial product
// serves alone.
#include "kernels/kernels.h"

namespace edgebin::kernels::scalar {

void install_lookup(Kernels& kernels) { kernels.lookup_count = 0; }

}  // namespace edgebin::kernels::scalar
