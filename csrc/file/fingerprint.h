// The last part of the header since version 2: seeds of pictures and hashes of what the network
// makes of them. Every number may be a hash, so only counts are refused.
#ifndef EDGEBIN_FILE_FINGERPRINT_H_
#define EDGEBIN_FILE_FINGERPRINT_H_

#include <cstddef>
#include <vector>

#include "file/cursor.h"
#include "graph/network.h"

namespace edgebin {

// Of a graph of so many values. Throws Error(kModelFile).
std::vector<SelfTestCase> read_self_test(Cursor& cursor, std::size_t values);

}  // namespace edgebin

#endif  // EDGEBIN_FILE_FINGERPRINT_H_
