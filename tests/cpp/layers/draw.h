// Random networks of one layer, now and then with the tail that a convolution takes along, whatever
// FORMAT.md allows of it: operators, types of input and weights, windows, groups, and contents that
// are plain, extreme or wild. A layer follows from its seed alone, on every machine.
#ifndef EDGEBIN_TESTS_LAYERS_DRAW_H_
#define EDGEBIN_TESTS_LAYERS_DRAW_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace edgebin::layers {

struct Drawn {
  std::string what;  // one line
  std::string name;  // of the layer, as Options::kernels knows it
  bool product;      // conv or linear
  std::vector<std::byte> file;
  std::vector<std::uint8_t> pictures;  // two
};
inline constexpr int kPictures = 2;

Drawn draw(std::uint64_t seed);

}  // namespace edgebin::layers

#endif  // EDGEBIN_TESTS_LAYERS_DRAW_H_
