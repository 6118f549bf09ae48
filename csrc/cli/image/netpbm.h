// Binary PGM (P5) and PPM (P6) pictures, with the values that Pillow gives them.
//
// A header's numbers are digits, at most ten; `#` hides the rest of its line; it has at most 64
// KiB. Samples of another largest value than 255 are brought to 8 bits, greys of 16 bits as
// FORMAT.md says. It refuses plain (P1 to P3) and bitmap (P4) files, sizes that no picture may
// have, and files that are short.
#ifndef EDGEBIN_CLI_IMAGE_NETPBM_H_
#define EDGEBIN_CLI_IMAGE_NETPBM_H_

#include "cli/image/image.h"
#include "cli/io/input_file.h"

namespace edgebin::cli {

// Whether the file goes on with such a picture's first bytes.
bool starts_netpbm(InputFile& file);

// Throws Error(kInput).
Picture read_netpbm(InputFile& file);

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_IMAGE_NETPBM_H_
