// Standard output and standard error of the commands.
#include <cstdio>
#include <string>

#include "cli/commands/commands.h"
#include "cli/io/text.h"

namespace edgebin::cli {

void note(std::string_view line) { std::fputs((plain(line) + "\n").c_str(), stderr); }

void complain(std::string_view line) {
  std::fflush(stdout);
  std::fputs(("edgebin-run: error: " + plain(line) + "\n").c_str(), stderr);
}

void warn(std::string_view line) {
  std::fputs(("edgebin-run: warning: " + plain(line) + "\n").c_str(), stderr);
}

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

}  // namespace edgebin::cli
