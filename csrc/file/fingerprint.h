// The last part of the header since version 2, the fingerprint of FORMAT.md: seeds of probe images
// and the hashes of every value that the network computes from them. Any number is a valid hash, so
// only the counts are checked.
#ifndef EDGEBIN_FILE_FINGERPRINT_H_
#define EDGEBIN_FILE_FINGERPRINT_H_

#include <cstddef>
#include <vector>

#include "file/cursor.h"
#include "graph/network.h"

namespace edgebin {

// `values` is the number of values of the graph. Throws Error(kModelFile).
std::vector<ProbeHashes> read_fingerprint(Cursor& cursor, std::size_t values);

}  // namespace edgebin

#endif  // EDGEBIN_FILE_FINGERPRINT_H_
