// Any bytes as a model file: refused with an Error, or a network that runs. Size and checksum are
// made right first, so that the fuzzer need not guess them. Networks whose working memory is large
// are loaded but not run: they would only be slow.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/error.h"
#include "runtime/hostile.h"

namespace edgebin {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20;
constexpr std::int64_t kMostMacs = std::int64_t{1} << 24;

// Of all products together; at most the constants times the largest value.
std::int64_t most_macs(const Program& program) {
  std::int64_t positions = 1;
  for (const ValueType& type : program.types()) {
    positions = std::max(positions, std::int64_t{type.shape.pixels()});
  }
  return positions * static_cast<std::int64_t>(program.file_bytes()) * 8;
}

void run(const std::shared_ptr<const Program>& program) {
  if (program->arena_bytes() > kMostBytes || program->picture_bytes() > kMostBytes) return;
  if (most_macs(*program) > kMostMacs) return;
  run_once(program);
}

}  // namespace
}  // namespace edgebin

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto given = std::as_bytes(std::span(data, size));
  std::vector<std::byte> file(given.begin(), given.end());
  edgebin::seal(file);
  try {
    edgebin::run(edgebin::Program::load(file, {}));
  } catch (const edgebin::Error&) {  // what it should do with most of them
  }
  return 0;
}
