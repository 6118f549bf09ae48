// Writes a file atomically, as edgebin.files.atomic_write does in Python: the bytes go to a
// temporary file in the same folder, which is then renamed.
#ifndef EDGEBIN_CLI_IO_ATOMIC_WRITE_H_
#define EDGEBIN_CLI_IO_ATOMIC_WRITE_H_

#include <cstddef>
#include <span>
#include <string>

namespace edgebin::cli {

// Throws Error(kOption) with the system's reason and leaves `path` unchanged if it fails. Folders
// and devices are not replaced.
void write_atomically(const std::string& path, std::span<const std::byte> bytes);

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_IO_ATOMIC_WRITE_H_
