// What the constants of a random layer hold. Numbers come from the generator's bits alone, for the
// distributions of the standard library differ from one library to the next.
#ifndef EDGEBIN_TESTS_LAYERS_CONTENTS_H_
#define EDGEBIN_TESTS_LAYERS_CONTENTS_H_

#include <cstdint>
#include <initializer_list>
#include <random>
#include <vector>

#include "runtime/written.h"

namespace edgebin::layers {

// "Extreme" contents are the largest there are, of one sign for each row; "wild" reals reach from
// denormal to enormous.
enum class Temper { kPlain, kExtreme, kWild };

enum class Type : std::uint8_t { kBit, kS8, kI16, kI32, kF32 };  // as in FORMAT.md

class Contents {
 public:
  explicit Contents(std::uint64_t seed);

  Temper temper() const { return temper_; }

  // Uniform over first..last.
  int pick(int first, int last);
  int one_of(std::initializer_list<int> choices);
  bool one_in(int count) { return pick(1, count) == 1; }

  float real();  // finite
  WrittenTensor weights(Type type, const std::vector<std::uint32_t>& dims);
  WrittenTensor reals(std::uint32_t count);
  WrittenTensor zeros_of_pixels(std::uint32_t channels);
  WrittenTensor signs(std::uint32_t channels);

  // Ascending triples of size about `reach`, some equal, some at the ends of the type.
  WrittenTensor thresholds(Type type, std::uint32_t channels, int reach);

  std::vector<std::uint8_t> pixels(std::size_t count);

 private:
  template <class T>
  WrittenTensor threshold_rows(Type type, std::uint32_t channels, int reach);

  std::mt19937_64 random_;
  Temper temper_;
};

}  // namespace edgebin::layers

#endif  // EDGEBIN_TESTS_LAYERS_CONTENTS_H_
