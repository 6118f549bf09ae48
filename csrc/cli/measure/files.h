// Reads the small text files of /proc and /sys. Nothing here fails: a file that is missing or holds
// something else gives nothing.
#ifndef EDGEBIN_CLI_MEASURE_FILES_H_
#define EDGEBIN_CLI_MEASURE_FILES_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace edgebin::cli {

std::vector<std::string> lines_of(const std::string& path);

// The first line without white space and NUL at its ends.
std::optional<std::string> line_of(const std::string& path);

// The words of a line, between blanks and tabs.
std::vector<std::string> words_of(std::string_view line);

// The number that a text is.
std::optional<long long> number_from(std::string_view text, int base = 10);

// The number in a file that holds a number and nothing else.
std::optional<long long> number_of(const std::string& path, int base = 10);
std::optional<double> thousandth_of(const std::string& path);

// The text after "KEY:" or "KEY   :" in a file of such lines.
std::optional<std::string> entry_of(const std::string& path, std::string_view key);

// Names in a folder with a prefix, "zone2" before "zone10".
std::vector<std::string> names_in(const std::string& folder, std::string_view prefix);

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_MEASURE_FILES_H_
