// edgebin-run: runs, inspects, measures and verifies .ebn files without Python. This is the only
// place where errors become exit codes: invalid input and usage end in one line on standard error
// and 2.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>
#include <system_error>
#include <vector>

#include "base/error.h"
#include "cli/commands/commands.h"
#include "edgebin/model.h"

namespace edgebin::cli {
namespace {

int print_version() {
  std::string text = "edgebin-run " + version() + ", instruction sets:";
  for (const std::string& isa : isas()) text += " " + isa;
  print(text + "\n");
  return kSuccess;
}

int print_help() {
  print(help());
  return kSuccess;
}

// Throws Error(kOption) for a word that names no file and does not look like a path, such as the
// name of a model that ships with the Python package.
void check_model(const Arguments& arguments) {
  const std::string& model = arguments.model;
  const bool is_path = model.empty() || model.find_first_of("/.") != std::string::npos;
  if (is_path || access(model.c_str(), F_OK) == 0) return;
  throw Error(ErrorKind::kOption,
              message("model: expected the path of an .ebn file, found ", quoted(model),
                      "; `edgebin models` of the Python package shows where its models are"));
}

int execute(const Arguments& arguments) {
  for (const std::string& deprecation : arguments.deprecations) warn(deprecation);
  for (const std::string& deprecation : deprecations()) warn(deprecation);
  check_model(arguments);
  switch (arguments.command) {
    case Command::kHelp:
      return print_help();
    case Command::kVersion:
      return print_version();
    case Command::kInspect:
      return inspect(arguments);
    case Command::kBench:
      return bench(arguments);
    case Command::kVerify:
      return verify(arguments);
    case Command::kRun:
      break;
  }
  return run(arguments);
}

int run_words(const std::vector<std::string_view>& words) {
  try {
    const int code = words.empty() ? print_help() : execute(parse(words));
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
    complain("standard output: " + std::generic_category().message(errno));
  } catch (const std::bad_alloc&) {
    complain("there is not enough memory");
  } catch (const std::exception& error) {
    complain(error.what());
  }
  return kBadInput;
}

}  // namespace
}  // namespace edgebin::cli

#ifdef __GLIBCXX__
// What libstdc++ runs when an exception escapes from a noexcept function, which would be a bug. Its
// own handler, declared in <exception>, prints the exception's type, for which it links a demangler
// and printf into a static program.
void __gnu_cxx::__verbose_terminate_handler() { std::abort(); }
#endif

int main(int count, char** words) {
  return edgebin::cli::run_words({words + (count > 0 ? 1 : 0), words + count});
}
