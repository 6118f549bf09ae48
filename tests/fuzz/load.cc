// Any bytes as a model file: refused with an Error, or a network that loads. Size and checksum are
// corrected first, so that the fuzzer need not guess them. load_and_run also runs the network.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "base/error.h"
#include "fuzz/mutator.h"
#include "runtime/hostile.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<std::byte> file = edgebin::fuzz::sealed(data, size);
  try {
    edgebin::Program::load(file, {});
  } catch (const edgebin::Error& error) {  // what it should do with most of them
    if (error.kind() != edgebin::ErrorKind::kModelFile) std::abort();
  }
  return 0;
}
