// The commands of edgebin-run. Each prints its result to standard output and returns the exit code
// of the process, or throws an Error.
#ifndef EDGEBIN_CLI_COMMANDS_COMMANDS_H_
#define EDGEBIN_CLI_COMMANDS_COMMANDS_H_

#include <string_view>

#include "cli/arguments.h"

namespace edgebin::cli {

inline constexpr int kSuccess = 0;
inline constexpr int kDifferent = 1;
inline constexpr int kBadInput = 2;

// Classifies images, or writes the network's outputs. An image that cannot be read is reported, the
// others are classified all the same, and the exit code is kBadInput.
int run(const Arguments& arguments);

int inspect(const Arguments& arguments);
int bench(const Arguments& arguments);

// kDifferent if this machine does not compute the bits that the file promises.
int verify(const Arguments& arguments);

// Prints one line on standard error at once, as it is.
void note(std::string_view line);

// Prints one line on standard error, marked as an error or as a warning.
void complain(std::string_view line);
void warn(std::string_view line);

// Prints to standard output. Write errors are reported when the program ends.
void print(std::string_view text);

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_COMMANDS_COMMANDS_H_
