#include "cli/measure/files.h"

#include <dirent.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <memory>
#include <system_error>
#include <utility>

namespace edgebin::cli {
namespace {

std::string trimmed(std::string_view text) {
  constexpr std::string_view kSpace(" \t\0", 3);
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(kSpace) - first + 1));
}

}  // namespace

std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> lines;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"),
                                                             std::fclose);
  if (file == nullptr) return lines;
  std::string line;
  for (int c = std::fgetc(file.get()); c != EOF; c = std::fgetc(file.get())) {
    if (c == '\n') {
      lines.push_back(std::move(line));
      line.clear();
    } else {
      line += static_cast<char>(c);
    }
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

std::optional<std::string> line_of(const std::string& path) {
  const auto lines = lines_of(path);
  if (lines.empty()) return std::nullopt;
  return trimmed(lines.front());
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : line) {
    if (c != ' ' && c != '\t') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

std::optional<long long> number_from(std::string_view text, int base) {
  if (base == 16 && text.starts_with("0x")) text.remove_prefix(2);
  long long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<long long> number_of(const std::string& path, int base) {
  const auto line = line_of(path);
  return line ? number_from(*line, base) : std::nullopt;
}

std::optional<double> thousandth_of(const std::string& path) {
  const auto value = number_of(path, 10);
  if (!value) return std::nullopt;
  return static_cast<double>(*value) * 1e-3;
}

std::optional<std::string> entry_of(const std::string& path, std::string_view key) {
  for (const std::string& line : lines_of(path)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || trimmed(line.substr(0, colon)) != key) continue;
    return trimmed(line.substr(colon + 1));
  }
  return std::nullopt;
}

std::vector<std::string> names_in(const std::string& folder, std::string_view prefix) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
  if (open == nullptr) return names;
  while (const dirent* const entry = ::readdir(open.get())) {
    const std::string_view name(entry->d_name);
    if (name.starts_with(prefix)) names.emplace_back(name);
  }
  std::ranges::sort(names, {}, [](const std::string& name) {
    return std::pair(name.size(), std::string_view(name));
  });
  return names;
}

}  // namespace edgebin::cli
