// The tensor table and the bytes it lays claim to. Tensors follow the header and each other at
// multiples of 64; everything between them, and the bits that fill up a row of bits, is zero; the
// file ends with the last of them.
#ifndef EDGEBIN_FILE_TENSORS_H_
#define EDGEBIN_FILE_TENSORS_H_

#include <cstddef>
#include <span>
#include <vector>

#include "file/cursor.h"
#include "graph/types.h"

namespace edgebin {

// The header's table: types and dimensions, no bytes yet. Each tensor takes 64 bytes of the file,
// so it bounds how many there are.
std::vector<Constant> read_tensor_table(Cursor& cursor, std::size_t file_bytes);

// Gives each tensor its bytes of `file`. `header_end` is the offset of the first byte past the
// header. Throws Error(kModelFile).
void place_tensors(std::span<const std::byte> file, std::size_t header_end,
                   std::vector<Constant>& tensors);

}  // namespace edgebin

#endif  // EDGEBIN_FILE_TENSORS_H_
