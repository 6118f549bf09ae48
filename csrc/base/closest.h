// The known word that was probably meant by a misspelt one, for the end of an error message.
#ifndef EDGEBIN_BASE_CLOSEST_H_
#define EDGEBIN_BASE_CLOSEST_H_

#include <span>
#include <string_view>

namespace edgebin {

// Returns the first of the known words with the fewest edits (a character inserted, left out or
// replaced) to `word`, if these are at most a third of its characters, or one; else "".
std::string_view closest(std::string_view word, std::span<const std::string_view> known);

}  // namespace edgebin

#endif  // EDGEBIN_BASE_CLOSEST_H_
