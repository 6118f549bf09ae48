// The command line of edgebin-run as data. It opens nothing.
#ifndef EDGEBIN_CLI_ARGUMENTS_H_
#define EDGEBIN_CLI_ARGUMENTS_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace edgebin::cli {

enum class Command { kClassify, kBench, kInfo, kVerify, kVersion, kHelp };

struct Arguments {
  Command command = Command::kClassify;
  std::string model;
  std::vector<std::string> pictures;
  int threads = 1;  // 0, of kVerify alone: all numbers
  std::string isa;
  bool json = false;
  int top = 5;         // of kClassify, and so:
  bool raw = false;    // pictures are raw tensors whatever they look like
  std::string output;  // the file to write outputs to
  int runs = 100;      // of kBench, and so:
  int warmup = 10;
  int batch = 1;
  bool pin = false;
};

// Options stand anywhere before `--`; "--top=3" is "--top 3". Throws Error(kOption) with one line.
Arguments parse(std::span<const std::string_view> words);

// What --help prints.
std::string_view help();

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_ARGUMENTS_H_
