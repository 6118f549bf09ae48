// Writes one JSON document with an indentation of two, as the Python package prints it.
#ifndef EDGEBIN_CLI_IO_JSON_H_
#define EDGEBIN_CLI_IO_JSON_H_

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace edgebin::cli {

// Calls must follow the grammar: key() before each value of an object, an end for every begin.
class Json {
 public:
  void begin_object() { begin('{'); }
  void end_object() { end('}'); }
  void begin_array() { begin('['); }
  void end_array() { end(']'); }
  void key(std::string_view name);

  // Bytes that are not UTF-8 become lone surrogates \udcXX.
  void value(std::string_view text);
  void value(const std::string& text) { value(std::string_view(text)); }
  void value(const char* text) { value(std::string_view(text)); }

  template <std::same_as<bool> Boolean>
  void value(Boolean truth) {
    literal(truth ? "true" : "false");
  }

  template <std::integral Integer>
    requires(!std::same_as<Integer, bool>)
  void value(Integer integer) {
    literal(std::to_string(integer));
  }

  // Finite; written with as many digits as reading it back takes.
  void value(double number);

  template <class T>
  void value(const std::optional<T>& optional) {
    optional ? value(*optional) : null();
  }

  void null() { literal("null"); }

  // A key and its value.
  template <class T>
  void member(std::string_view name, const T& member_value) {
    key(name);
    value(member_value);
  }

  const std::string& document() const { return out_; }

 private:
  void begin(char bracket);
  void end(char bracket);
  void before_value();
  void literal(std::string_view text);
  void new_line();
  void quote(std::string_view text);

  std::string out_;
  int depth_ = 0;
  bool first_ = true;  // in the current object or array
  bool after_key_ = false;
};

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_IO_JSON_H_
