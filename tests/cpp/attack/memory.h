// Replaces operator new of this program by one that counts, and that fails on demand.
#ifndef EDGEBIN_TESTS_ATTACK_MEMORY_H_
#define EDGEBIN_TESTS_ATTACK_MEMORY_H_

#include <cstddef>

namespace edgebin::attack {

// What is allocated now, of all threads.
struct Held {
  std::size_t bytes;
  std::size_t blocks;
};
Held held();

// Forgets what has been the most; most_bytes() is then that of the time since.
void watch_most();
std::size_t most_bytes();

enum class Scarcity { kOnce, kFromThenOn };

// While it lives, the allocation after `count` more throws std::bad_alloc, that one alone or each
// one from then on.
class Refusal {
 public:
  Refusal(std::size_t count, Scarcity scarcity);
  ~Refusal();
  Refusal(const Refusal&) = delete;
  Refusal& operator=(const Refusal&) = delete;

  bool struck() const;  // whether an allocation was refused
};

}  // namespace edgebin::attack

#endif  // EDGEBIN_TESTS_ATTACK_MEMORY_H_
