// Shared by the tests and fuzzers of hostile files: sealing a file with the right size and
// checksum, so that the reader looks at the rest, and one run of a program on a fixed image.
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

// Writes size and checksum, as the file's version has it. A file shorter than the prefix stays
// unchanged.
inline void seal(std::vector<std::byte>& file) {
  constexpr std::size_t kVersionAt = 8;
  constexpr std::size_t kSizeAt = 16;
  constexpr std::size_t kChecksumAt = 24;
  if (file.size() < kPrefix) return;
  put(file, kSizeAt, std::uint64_t{file.size()});
  std::uint32_t version;
  std::memcpy(&version, file.data() + kVersionAt, sizeof version);
  const std::size_t before = version < 3 ? 0 : kChecksumAt;
  const std::span<const std::byte> bytes = file;
  put(file, kChecksumAt, crc32(bytes.subspan(kPrefix), crc32(bytes.first(before))));
}

// Returns the elements of each output for a fixed image.
inline std::vector<std::vector<float>> run_once(const std::shared_ptr<const Program>& program) {
  std::vector<std::vector<std::byte>> inputs;
  std::vector<const std::byte*> from;
  for (const GraphInput& input : program->inputs()) {
    auto& bytes = inputs.emplace_back(input.bytes());
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 37);
    from.push_back(bytes.data());
  }
  std::vector<std::vector<float>> outputs;
  std::vector<float*> pointers;
  for (std::size_t i = 0; i < program->network().graph.outputs.size(); ++i) {
    const auto elements = static_cast<std::size_t>(program->output_type(i).shape.elements());
    pointers.push_back(outputs.emplace_back(elements).data());
  }
  Session(program).run(from.data(), pointers.data());
  return outputs;
}

// Of one image.
inline std::size_t input_bytes(const Program& program) {
  std::size_t bytes = 0;
  for (const GraphInput& input : program.inputs()) bytes += input.bytes();
  return bytes;
}

// An upper bound of the products and comparisons for one image.
inline std::int64_t work_of(const Program& program) {
  const auto attribute = [](const LayerInfo& layer, const char* key) -> std::int64_t {
    const auto entry = layer.attributes.find(key);
    return entry == layer.attributes.end() ? 1 : entry->second;
  };
  std::int64_t work = 0;
  for (const LayerInfo& layer : layers_of(program)) {
    const std::int64_t pixels = program.types()[layer.inputs.front()].shape.pixels();
    std::int64_t window = attribute(layer, "kernel_h") * attribute(layer, "kernel_w");
    if (layer.op.starts_with("adaptive")) window = pixels;
    const std::int64_t elements = std::int64_t{layer.height} * layer.width * layer.channels;
    work += layer.macs + elements * std::min(pixels, window);
  }
  return work;
}

// Whether the program is fast enough for a test that runs many.
inline bool is_light(const Program& program) {
  constexpr std::size_t kMaxBytes = std::size_t{1} << 20;
  constexpr std::int64_t kMaxWork = std::int64_t{1} << 22;
  return program.arena_bytes() <= kMaxBytes && input_bytes(program) <= kMaxBytes &&
         work_of(program) <= kMaxWork;
}

}  // namespace edgebin

#endif  // EDGEBIN_TESTS_RUNTIME_HOSTILE_H_
