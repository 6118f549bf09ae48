// Writes one JSON document, indented by two, as the Python package prints it.
#ifndef EDGEBIN_CLI_IO_JSON_H_
#define EDGEBIN_CLI_IO_JSON_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace edgebin::cli {

// Calls follow the grammar: key() before each value of an object, and every begin has its end.
class Json {
 public:
  void begin_object() { begin('{'); }
  void end_object() { end('}'); }
  void begin_array() { begin('['); }
  void end_array() { end(']'); }
  void key(std::string_view name);

  void text(std::string_view value);  // bytes that are no UTF-8 become lone surrogates \udcXX
  void integer(std::int64_t value);
  void number(double value);  // finite; with as many digits as it takes to read it back
  void boolean(bool value);
  void null();

  const std::string& document() const { return out_; }

 private:
  void begin(char bracket);
  void end(char bracket);
  void before_value();
  void new_line();
  void quote(std::string_view value);

  std::string out_;
  int depth_ = 0;
  bool first_ = true;  // in its object or array
  bool behind_key_ = false;
};

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_IO_JSON_H_
