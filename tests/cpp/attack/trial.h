// Tries one malformed file: it must be refused with an Error, in time and memory proportional to
// its size, or it is another network, which must give the same result on one thread and on two. A
// trial that hangs ends the program.
#ifndef EDGEBIN_TESTS_ATTACK_TRIAL_H_
#define EDGEBIN_TESTS_ATTACK_TRIAL_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "attack/forgery.h"

namespace edgebin::attack {

// Memory that a refusal may take beyond twice the file: so much for the error and what is made
// once, and for each byte of the header so many (an entry of 8 bytes becomes a structure of 40).
inline constexpr std::size_t kSpareBytes = std::size_t{8} << 10;
inline constexpr std::size_t kSpareOfHeader = 6;

// Memory of a network that loads, working memory aside: its weights are kept as kernels read them,
// in whole words and tiles.
inline constexpr std::size_t kSparePrepared = std::size_t{64} << 10;
inline constexpr std::size_t kMaxPrepared = 40;

// Memory of a run beside the arena, the image and the outputs.
inline constexpr std::size_t kSpareOfRun = std::size_t{16} << 10;

// Seconds of processor time for a file, refused or loaded.
inline constexpr double kMaxSeconds = 0.1;

// What came of a number of trials.
struct Tally {
  std::int64_t cases = 0;
  std::int64_t refused = 0;
  std::int64_t ran = 0;
  std::int64_t large = 0;         // accepted, but too large to be run here
  double slowest = 0;             // seconds, of what was refused
  double slowest_load = 0;        // and of what was loaded
  std::size_t most_bytes = 0;     // beyond twice the file, while refusing it
  std::size_t most_prepared = 0;  // bytes of what was loaded, arena aside

  // One line for people.
  std::string line(const std::string& name) const;
};

// `what` names the case where it fails.
void try_file(const File& file, const std::string& what, Tally& tally);

// As it is, and with checksum and size made right.
void try_both(File file, const std::string& what, Tally& tally);

}  // namespace edgebin::attack

#endif  // EDGEBIN_TESTS_ATTACK_TRIAL_H_
