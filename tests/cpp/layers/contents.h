// Random constants and images of a layer. Numbers are made from the generator's bits alone: the
// distributions of the standard library differ from one implementation to the next.
#ifndef EDGEBIN_TESTS_LAYERS_CONTENTS_H_
#define EDGEBIN_TESTS_LAYERS_CONTENTS_H_

#include <cstdint>
#include <initializer_list>
#include <random>
#include <vector>

#include "runtime/written.h"

namespace edgebin::layers {

// Extreme contents have the largest values, of one sign in each row. Wild f32 values reach from
// denormals to the largest finite ones.
enum class Magnitude { kPlain, kExtreme, kWild };

enum class Type : std::uint8_t { kBit, kS8, kI16, kI32, kF32 };  // as in FORMAT.md

class Contents {
 public:
  explicit Contents(std::uint64_t seed);

  Magnitude magnitude() const { return magnitude_; }

  // Uniform over first..last.
  int pick(int first, int last);
  int one_of(std::initializer_list<int> choices);
  bool one_in(int count) { return pick(1, count) == 1; }

  float f32();  // finite
  WrittenTensor weights(Type type, const std::vector<std::uint32_t>& dims);
  WrittenTensor f32s(std::uint32_t count);
  WrittenTensor zeros_of_pixels(std::uint32_t channels);
  WrittenTensor signs(std::uint32_t channels);
  WrittenTensor channels(std::uint32_t channels);  // some of them, in any order

  // Ascending triples within about -reach..reach, some equal, some at the limits of the type.
  WrittenTensor thresholds(Type type, std::uint32_t channels, int reach);

  std::vector<std::uint8_t> pixels(std::size_t count);

 private:
  template <class T>
  WrittenTensor threshold_rows(Type type, std::uint32_t channels, int reach);

  std::mt19937_64 random_;
  Magnitude magnitude_;
};

}  // namespace edgebin::layers

#endif  // EDGEBIN_TESTS_LAYERS_CONTENTS_H_
