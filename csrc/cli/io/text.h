// Text for a terminal: escaped so that it is safe to print, and numbers as people read them.
#ifndef EDGEBIN_CLI_IO_TEXT_H_
#define EDGEBIN_CLI_IO_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace edgebin::cli {

// One step of a UTF-8 decoder.
struct Character {
  std::uint32_t code;  // the byte itself where it is not UTF-8
  int bytes;
  bool valid;
};

// `text` is not empty.
Character first_character(std::string_view text);

// Escapes control characters and bytes that are not UTF-8 as \x1b, since a label or a path may hold
// anything.
std::string plain(std::string_view text);

// The number of characters of a text that plain() returned.
std::size_t length(std::string_view text);

// 1234 as "1.2 kB".
std::string size(std::uint64_t bytes);

// "1 thread", "2 threads".
std::string counted(std::size_t count, std::string_view noun);

// With a fixed number of digits after the decimal point.
std::string decimal(double value, int digits);

// With so many digits that are not leading or trailing zeros.
std::string significant(double value, int digits);

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_IO_TEXT_H_
