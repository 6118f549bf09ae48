// What edgebin-run does: each command prints its answer to standard output and returns the exit
// code, or throws an Error.
#ifndef EDGEBIN_CLI_COMMANDS_COMMANDS_H_
#define EDGEBIN_CLI_COMMANDS_COMMANDS_H_

#include <string_view>

#include "cli/arguments.h"

namespace edgebin::cli {

inline constexpr int kGood = 0;
inline constexpr int kDifferent = 1;
inline constexpr int kBad = 2;

// A picture that cannot be read costs only itself: it is reported, and the exit code is 2.
int classify(const Arguments& arguments);

int bench(const Arguments& arguments);
int info(const Arguments& arguments);

// kDifferent where this machine does not give the bits that the file promises.
int verify(const Arguments& arguments);

// Prints one line on standard error, marked as an error or as a warning.
void complain(std::string_view line);
void warn(std::string_view line);

// Prints to standard output; what that refuses is found when the program ends.
void print(std::string_view text);

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_COMMANDS_COMMANDS_H_
