// SHA-256 of FIPS 180-4, for naming what was measured; nothing here is about secrets.
#ifndef EDGEBIN_CLI_IO_SHA256_H_
#define EDGEBIN_CLI_IO_SHA256_H_

#include <optional>
#include <string>
#include <string_view>

namespace edgebin::cli {

// In hexadecimal digits.
std::string sha256(std::string_view bytes);

// Of a file's bytes; nothing if it cannot be read.
std::optional<std::string> sha256_of_file(const std::string& path);

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_IO_SHA256_H_
