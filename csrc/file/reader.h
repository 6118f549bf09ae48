// Parses the bytes of an `.ebn` file into a network. All checks of FORMAT.md that do not depend on
// an operator are made here; the others are made in ops/. The bytes are untrusted: nothing is read
// outside them, and allocations are bounded by their size.
#ifndef EDGEBIN_FILE_READER_H_
#define EDGEBIN_FILE_READER_H_

#include <cstddef>
#include <span>

#include "graph/network.h"

namespace edgebin {

// The constants of the network are views of `file`, which must outlive it. Throws
// Error(kModelFile), whose message does not contain the path.
Network read_network(std::span<const std::byte> file);

}  // namespace edgebin

#endif  // EDGEBIN_FILE_READER_H_
