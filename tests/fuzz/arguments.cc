// Any bytes as the command line of edgebin-run, words separated by zeros: refused with an Error of
// one line, or arguments within their bounds. What the program prints of them is printable.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/arguments.h"
#include "cli/io/text.h"

namespace edgebin::cli {
namespace {

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t end = 0; end != std::string_view::npos; text.remove_prefix(end + 1)) {
    end = text.find('\0');
    words.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
  }
  return words;
}

void expect_plain(std::string_view text) {
  const std::string shown = plain(text);
  if (shown.find('\n') != std::string::npos || shown.find('\x1b') != std::string::npos) {
    std::abort();
  }
  if (plain(shown) != shown) std::abort();
}

void check(std::string_view text) {
  expect_plain(text);
  try {
    const Arguments arguments = parse(words_of(text));
    const bool all_threads = arguments.command == Command::kVerify && arguments.threads == 0;
    if (arguments.threads < 1 && !all_threads) std::abort();
    if (arguments.top < 1 || arguments.batch < 1) std::abort();
    if (arguments.runs < 0 || arguments.warmup < -1) std::abort();
    if (!(arguments.seconds > 0 && arguments.seconds <= 3600)) std::abort();
  } catch (const Error& error) {
    expect_plain(error.what());
  }
}

}  // namespace
}  // namespace edgebin::cli

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  edgebin::cli::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
