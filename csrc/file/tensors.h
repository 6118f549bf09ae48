// The tensor table of the header and the tensors' bytes. Tensors follow the header and each other
// at multiples of 64 bytes. The padding between them, and the bits that pad a row of bits to a
// byte, are zero. The file ends with the last tensor.
#ifndef EDGEBIN_FILE_TENSORS_H_
#define EDGEBIN_FILE_TENSORS_H_

#include <cstddef>
#include <span>
#include <vector>

#include "file/cursor.h"
#include "graph/types.h"

namespace edgebin {

// Reads types and dimensions from the header; the tensors have no bytes yet. Each tensor takes at
// least 64 bytes of the file, which bounds their number.
std::vector<Constant> read_tensor_table(Cursor& cursor, std::size_t file_bytes);

// Assigns each tensor its bytes of `file`. `header_end` is the offset of the first byte after the
// header. Throws Error(kModelFile).
void place_tensors(std::span<const std::byte> file, std::size_t header_end,
                   std::vector<Constant>& tensors);

}  // namespace edgebin

#endif  // EDGEBIN_FILE_TENSORS_H_
