#include "c_api/last_error.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace edgebin {
namespace {

constexpr std::size_t kMaxText = 1023;

thread_local char last_text[kMaxText + 1] = "";
thread_local const char* last_code = "";

}  // namespace

const char* last_error() noexcept { return last_text; }

const char* last_error_code() noexcept { return last_code; }

edgebin_status fail(edgebin_status status, const char* text, std::string_view code) noexcept {
  last_code = code.empty() ? "" : code.data();  // a literal, so it ends with a zero
  const std::size_t length = std::min(std::strlen(text), kMaxText);
  std::transform(text, text + length, last_text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < ' ' || byte == 0x7f ? '?' : c;  // a path may hold anything
  });
  last_text[length] = '\0';
  return status;
}

edgebin_status status_of(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::kModelFile:
      return EDGEBIN_ERROR_MODEL_FILE;
    case ErrorKind::kInput:
      return EDGEBIN_ERROR_INPUT;
    case ErrorKind::kOption:
      break;
  }
  return EDGEBIN_ERROR_OPTION;
}

}  // namespace edgebin
