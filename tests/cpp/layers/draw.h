// Random networks of one layer, some of them with the post-ops that a convolution fuses. They cover
// what FORMAT.md allows: operators, types of input and weights, windows, groups, and contents of
// plain, extreme and wild magnitude. A layer depends on its seed alone, on every machine.
#ifndef EDGEBIN_TESTS_LAYERS_DRAW_H_
#define EDGEBIN_TESTS_LAYERS_DRAW_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace edgebin::layers {

struct Drawn {
  std::string what;  // a description of one line
  std::string name;  // of the layer, as in Options::kernels
  bool product;      // whether it is a conv or linear
  std::vector<std::byte> file;
  std::vector<std::uint8_t> images;  // two
};
inline constexpr int kImages = 2;

Drawn draw(std::uint64_t seed);

}  // namespace edgebin::layers

#endif  // EDGEBIN_TESTS_LAYERS_DRAW_H_
