// Writes a file whole or not at all, as edgebin.files.atomic_write does in Python: the bytes go to
// a temporary file beside it, which takes its name in one step.
#ifndef EDGEBIN_CLI_IO_ATOMIC_WRITE_H_
#define EDGEBIN_CLI_IO_ATOMIC_WRITE_H_

#include <cstddef>
#include <span>
#include <string>

namespace edgebin::cli {

// Throws Error(kOption) with the system's reason; `path` is then as before. Folders and devices are
// not replaced.
void write_whole(const std::string& path, std::span<const std::byte> bytes);

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_IO_ATOMIC_WRITE_H_
