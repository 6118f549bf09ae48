// No table lookup: without a byte shuffle, a lookup would serve a single channel. Convolutions of
// codes and bits are bit-serial.
#include "kernels/kernels.h"

namespace edgebin::kernels::scalar {

void install_lookup(Kernels& kernels) { kernels.lookup_count = 0; }

}  // namespace edgebin::kernels::scalar
