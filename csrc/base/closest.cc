#include "base/closest.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace edgebin {
namespace {

constexpr std::size_t kLongest = 32;  // of words that are compared

// Levenshtein's distance, a row of the table at a time.
std::size_t edits(std::string_view from, std::string_view to) {
  std::array<std::size_t, kLongest + 1> row{};
  for (std::size_t j = 0; j <= to.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row[to.size()];
}

}  // namespace

std::string_view closest(std::string_view word, std::span<const std::string_view> known) {
  if (word.size() > kLongest) return {};
  std::string_view found;
  std::size_t fewest = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string_view candidate : known) {
    if (candidate.size() > kLongest) continue;
    const std::size_t count = edits(word, candidate);
    if (count < fewest) {
      fewest = count;
      found = candidate;
    }
  }
  return found;
}

}  // namespace edgebin
