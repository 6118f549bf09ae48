// Text on its way to a terminal or a person: made safe to show, and numbers as people read them.
#ifndef EDGEBIN_CLI_IO_TEXT_H_
#define EDGEBIN_CLI_IO_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace edgebin::cli {

// What a decoder of UTF-8 finds at the front of a text that is not empty.
struct Character {
  std::uint32_t code;  // of a byte that is no UTF-8: the byte
  int bytes;
  bool valid;
};

Character first_character(std::string_view text);

// With what may steer a terminal, or is no UTF-8, as \x1b: a label or path may hold anything.
std::string plain(std::string_view text);

// Characters, of what plain() returned.
std::size_t length(std::string_view text);

// 1234 as "1.2 kB".
std::string size(std::uint64_t bytes);

// "1 thread", "2 threads".
std::string counted(std::size_t count, std::string_view noun);

// With so many digits behind the point.
std::string decimal(double value, int digits);

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_IO_TEXT_H_
