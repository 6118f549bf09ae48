// The one exception of the core, and the way its message is put together.
//
// Errors are thrown while a model is loaded, prepared or given its options and inputs; nothing
// throws while it runs. A message is one line that names the thing, the expected and the found.
// Broken invariants inside edgebin are not errors and do not come here.
#ifndef EDGEBIN_BASE_ERROR_H_
#define EDGEBIN_BASE_ERROR_H_

#include <charconv>
#include <concepts>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace edgebin {

// Whose fault it is; the bindings map each kind to an exception class of their own.
enum class ErrorKind {
  kModelFile,  // the file is missing, damaged or describes an impossible network
  kInput,      // a picture does not fit the network
  kOption,     // an option or an environment variable has no such value
};

class Error : public std::runtime_error {
 public:
  // `code` names the rule that was broken, where rules have codes; its characters live for ever.
  Error(ErrorKind kind, const std::string& message, std::string_view code = {});
  ErrorKind kind() const noexcept { return kind_; }
  std::string_view code() const noexcept { return code_; }

 private:
  ErrorKind kind_;
  std::string_view code_;
};

// `name` in double quotes. Control characters, quotes and backslashes are escaped, and a long name
// is cut, so that a name from a hostile file cannot break the message's line.
std::string quoted(std::string_view name);

// Eight digits: "0x0000beef".
std::string hexadecimal(std::uint32_t value);

inline void append_part(std::string& out, std::string_view part) { out += part; }

inline void append_part(std::string& out, char part) { out += part; }

template <std::integral Integer>
void append_part(std::string& out, Integer part) {
  char digits[24];  // a 64-bit integer has at most 20 characters
  out.append(digits, std::to_chars(digits, digits + sizeof digits, part).ptr);
}

// Strings, characters and integers, one after the other:
// message("conv ", quoted(name), ": weights have ", 64, " channels, input has ", 32).
template <class... Parts>
std::string message(const Parts&... parts) {
  std::string out;
  (append_part(out, parts), ...);
  return out;
}

}  // namespace edgebin

#endif  // EDGEBIN_BASE_ERROR_H_
