// Decodes binary PGM (P5) and PPM (P6) images to the values that Pillow decodes.
//
// Numbers in the header have at most ten digits, `#` starts a comment up to the end of the line,
// and the header has at most 64 KiB. Samples with a maximum other than 255 are scaled to 8 bits,
// 16-bit greys as FORMAT.md defines it. Plain (P1 to P3) and bitmap (P4) files are not supported.
#ifndef EDGEBIN_CLI_IMAGE_NETPBM_H_
#define EDGEBIN_CLI_IMAGE_NETPBM_H_

#include "cli/image/image.h"
#include "cli/io/input_file.h"

namespace edgebin::cli {

// Whether the next bytes of the file are the start of such an image.
bool starts_netpbm(InputFile& file);

// Throws Error(kInput) if the file is damaged or cut short or the image is too large.
Image read_netpbm(InputFile& file);

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_IMAGE_NETPBM_H_
