// Bytes of an `.ebn` file -> a network, or one line that says why not. Every check of FORMAT.md
// that needs no operator's meaning is made here; those that do are made in ops/. Hostile bytes are
// the normal case: nothing is read outside them and nothing is allocated that they do not justify.
#ifndef EDGEBIN_FILE_READER_H_
#define EDGEBIN_FILE_READER_H_

#include <cstddef>
#include <span>

#include "graph/network.h"

namespace edgebin {

// The constants of the network are views of `file`, which must outlive it.
// Throws Error(kModelFile), without the file's path.
Network read_network(std::span<const std::byte> file);

}  // namespace edgebin

#endif  // EDGEBIN_FILE_READER_H_
