#include "cli/io/json.h"

#include <array>
#include <cstdio>
#include <cstdlib>

#include "cli/io/text.h"

namespace edgebin::cli {

void Json::new_line() {
  out_ += '\n';
  out_.append(2 * static_cast<std::size_t>(depth_), ' ');
}

void Json::before_value() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (!first_) out_ += ',';
  first_ = false;
  if (depth_ > 0) new_line();
}

void Json::begin(char bracket) {
  before_value();
  out_ += bracket;
  ++depth_;
  first_ = true;
}

void Json::end(char bracket) {
  --depth_;
  if (!first_) new_line();
  out_ += bracket;
  first_ = false;
}

void Json::key(std::string_view name) {
  before_value();
  quote(name);
  out_ += ": ";
  after_key_ = true;
}

void Json::quote(std::string_view text) {
  out_ += '"';
  while (!text.empty()) {
    const Character next = first_character(text);
    const auto bytes = static_cast<std::size_t>(next.bytes);
    if (!next.valid || next.code < 0x20 || next.code == 0x7f) {
      std::array<char, 8> escape{};
      const unsigned code = next.valid ? next.code : 0xdc00 + next.code;
      std::snprintf(escape.data(), escape.size(), "\\u%04x", code);
      out_ += escape.data();
    } else {
      if (next.code == '"' || next.code == '\\') out_ += '\\';
      out_ += text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
  out_ += '"';
}

void Json::literal(std::string_view text) {
  before_value();
  out_ += text;
}

void Json::value(std::string_view text) {
  before_value();
  quote(text);
}

void Json::value(double number) {
  std::array<char, 32> digits{};
  for (int precision = 15; precision <= 17; ++precision) {
    std::snprintf(digits.data(), digits.size(), "%.*g", precision, number);
    if (std::strtod(digits.data(), nullptr) == number) break;
  }
  std::string text = digits.data();
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  literal(text);
}

}  // namespace edgebin::cli
