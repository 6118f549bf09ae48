// The command line of edgebin-run as data. Parsing opens no files.
#ifndef EDGEBIN_CLI_ARGUMENTS_H_
#define EDGEBIN_CLI_ARGUMENTS_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace edgebin::cli {

enum class Command { kRun, kInspect, kBench, kVerify, kVersion, kHelp };

struct Arguments {
  Command command = Command::kRun;
  std::string model;
  std::vector<std::string> images;
  int threads = 1;  // 0, for kVerify only: every number of threads
  std::string isa;
  bool json = false;

  // Of kRun.
  int top = 5;
  bool raw = false;                 // images are raw tensors, whatever they look like
  std::string output;               // file to write the outputs to; "" to classify
  std::vector<std::string> inputs;  // NAME=FILE, in the place of images

  // Of kBench.
  int runs = 0;        // timed calls; 0: as many as take `seconds`
  double seconds = 1;  // least time of measuring where `runs` is 0
  int warmup = -1;     // untimed calls after the first; -1: until times are stable
  int batch = 1;
  bool pin = false;
  bool profile = false;  // time every step, too

  // One sentence for each form of release 0.1 that was used and that a later release drops.
  std::vector<std::string> deprecations;
};

// Options may stand anywhere before `--`, and "--top=3" is "--top 3". Throws Error(kOption) with a
// message of one line.
Arguments parse(std::span<const std::string_view> words);

// Returns the text of --help.
std::string_view help();

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_ARGUMENTS_H_
