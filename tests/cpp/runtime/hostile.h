// What the tests and fuzzers of hostile files share: a file whose size and checksum are made right,
// so that the reader looks at what follows, and one run of a program on a plain picture.
#ifndef EDGEBIN_TESTS_RUNTIME_HOSTILE_H_
#define EDGEBIN_TESTS_RUNTIME_HOSTILE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/crc32.h"
#include "runtime/layer_info.h"
#include "runtime/program.h"
#include "runtime/session.h"

namespace edgebin {

inline constexpr std::size_t kPrefix = 32;

// Writes `value` at byte `at` of the file.
template <class T>
void put(std::vector<std::byte>& file, std::size_t at, T value) {
  std::memcpy(file.data() + at, &value, sizeof value);
}

// A file shorter than the prefix is left as it is.
inline void seal(std::vector<std::byte>& file) {
  constexpr std::size_t kSizeAt = 16;
  constexpr std::size_t kChecksumAt = 24;
  if (file.size() < kPrefix) return;
  put(file, kSizeAt, std::uint64_t{file.size()});
  put(file, kChecksumAt, crc32(std::span(file).subspan(kPrefix)));
}

// Of each output, the elements that a picture of no meaning gives.
inline std::vector<std::vector<float>> run_once(const std::shared_ptr<const Program>& program) {
  std::vector<std::uint8_t> picture(program->picture_bytes());
  for (std::size_t i = 0; i < picture.size(); ++i) picture[i] = static_cast<std::uint8_t>(i * 37);
  std::vector<std::vector<float>> outputs;
  std::vector<float*> pointers;
  for (std::size_t i = 0; i < program->network().graph.outputs.size(); ++i) {
    const auto elements = static_cast<std::size_t>(program->output_type(i).shape.elements());
    pointers.push_back(outputs.emplace_back(elements).data());
  }
  Session(program).run(picture.data(), pointers.data());
  return outputs;
}

// At least the products and comparisons of a picture.
inline std::int64_t work_of(const Program& program) {
  const auto attribute = [](const Node& node, std::string_view key) -> std::int64_t {
    const auto found = node.attributes.find(key);
    return found == node.attributes.end() ? 1 : found->second;
  };
  std::int64_t work = 0;
  for (const Layer& layer : layers_of(program)) {
    const std::int64_t pixels = program.types()[layer.node->inputs.front()].shape.pixels();
    std::int64_t each = attribute(*layer.node, "kernel_h") * attribute(*layer.node, "kernel_w");
    if (layer.node->op.starts_with("adaptive")) each = pixels;
    work += layer.macs + layer.output.shape.elements() * std::min(pixels, each);
  }
  return work;
}

// Whether a test may run it, of many that it runs.
inline bool is_light(const Program& program) {
  constexpr std::size_t kMostBytes = std::size_t{1} << 20;
  constexpr std::int64_t kMostWork = std::int64_t{1} << 22;
  return program.arena_bytes() <= kMostBytes && program.picture_bytes() <= kMostBytes &&
         work_of(program) <= kMostWork;
}

}  // namespace edgebin

#endif  // EDGEBIN_TESTS_RUNTIME_HOSTILE_H_
