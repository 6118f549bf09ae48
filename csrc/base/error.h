// The only exception type of the core, and how its message is composed.
//
// Errors are thrown while a model is loaded and prepared and when options or inputs are invalid.
// Nothing throws while a model runs. A message is one line that names the thing, what was expected
// and what was found. Broken invariants inside edgebin are bugs, not errors.
#ifndef EDGEBIN_BASE_ERROR_H_
#define EDGEBIN_BASE_ERROR_H_

#include <charconv>
#include <concepts>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace edgebin {

// The cause. The bindings map each kind to an exception class or status of its own.
enum class ErrorKind {
  kModelFile,  // the file is missing, damaged or describes an impossible network
  kInput,      // an image does not fit the network
  kOption,     // an option or an environment variable has no such value
};

class Error : public std::runtime_error {
 public:
  // A message of more than 500 bytes, one with a long path say, loses its middle. `code` is the
  // code of the rule of FORMAT.md that was broken, if any, in static storage.
  Error(ErrorKind kind, const std::string& message, std::string_view code = {});
  ErrorKind kind() const noexcept { return kind_; }
  std::string_view code() const noexcept { return code_; }

 private:
  ErrorKind kind_;
  std::string_view code_;
};

// Returns `name` in double quotes. Control characters, quotes and backslashes are escaped and a
// long name is shortened, so that a name from a hostile file cannot break the line of the message.
std::string quoted(std::string_view name);

// Returns eight digits: "0x0000beef".
std::string hexadecimal(std::uint32_t value);

inline void append_part(std::string& out, std::string_view part) { out += part; }

inline void append_part(std::string& out, char part) { out += part; }

template <std::integral Integer>
void append_part(std::string& out, Integer part) {
  char digits[24];  // a 64-bit integer has at most 20 characters
  out.append(digits, std::to_chars(digits, digits + sizeof digits, part).ptr);
}

// Concatenates strings, characters and integers:
// message("conv ", quoted(name), ": weights have ", 64, " channels, input has ", 32).
template <class... Parts>
std::string message(const Parts&... parts) {
  std::string out;
  (append_part(out, parts), ...);
  return out;
}

}  // namespace edgebin

#endif  // EDGEBIN_BASE_ERROR_H_
