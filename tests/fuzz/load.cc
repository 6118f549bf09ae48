// Any bytes as a model file: refused with an Error, or a network that loads. Size and checksum are
// made right first, so that the fuzzer need not guess them. It runs nothing; load_and_run does.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "base/error.h"
#include "fuzz/mutator.h"
#include "runtime/hostile.h"

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  return edgebin::fuzz::mutate_model(data, size, most, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto given = std::as_bytes(std::span(data, size));
  std::vector<std::byte> file(given.begin(), given.end());
  edgebin::seal(file);
  try {
    edgebin::Program::load(file, {});
  } catch (const edgebin::Error& error) {  // what it should do with most of them
    if (error.kind() != edgebin::ErrorKind::kModelFile) std::abort();
  }
  return 0;
}
