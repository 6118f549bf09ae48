// The fraction of the cases that is tried.
#ifndef EDGEBIN_TESTS_ATTACK_EVERY_H_
#define EDGEBIN_TESTS_ATTACK_EVERY_H_

#include <algorithm>
#include <cstdlib>

namespace edgebin::attack {

// EDGEBIN_ATTACK_EVERY, or 40.
inline int every() {
  const char* const text = std::getenv("EDGEBIN_ATTACK_EVERY");
  return text == nullptr ? 40 : std::max(1, std::atoi(text));
}

}  // namespace edgebin::attack

#endif  // EDGEBIN_TESTS_ATTACK_EVERY_H_
