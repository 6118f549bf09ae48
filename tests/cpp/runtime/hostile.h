// What the tests and fuzzers of hostile files share: a file whose size and checksum are made right,
// so that the reader looks at what follows, and one run of a program on a plain picture.
#ifndef EDGEBIN_TESTS_RUNTIME_HOSTILE_H_
#define EDGEBIN_TESTS_RUNTIME_HOSTILE_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "base/crc32.h"
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

inline void run_once(const std::shared_ptr<const Program>& program) {
  const std::vector<std::uint8_t> picture(program->picture_bytes(), 200);
  std::vector<std::vector<float>> outputs;
  std::vector<float*> pointers;
  for (std::size_t i = 0; i < program->network().graph.outputs.size(); ++i) {
    const auto elements = static_cast<std::size_t>(program->output_type(i).shape.elements());
    pointers.push_back(outputs.emplace_back(elements).data());
  }
  Session(program).run(picture.data(), pointers.data());
}

}  // namespace edgebin

#endif  // EDGEBIN_TESTS_RUNTIME_HOSTILE_H_
