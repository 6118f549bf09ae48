// As load, and a network that loads is run: on one thread and on two, with the same result.
// Networks that need much memory or work are loaded but not run, because they would only be slow.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "base/error.h"
#include "base/float_bits.h"
#include "fuzz/mutator.h"
#include "runtime/hostile.h"

namespace edgebin {
namespace {

void run(const std::vector<std::byte>& file) {
  const auto program = Program::load(file, {});
  if (!is_light(*program)) return;
  const auto one = run_once(program);
  const auto two =
      run_once(Program::load(file, {.isa = {}, .threads = 2, .pin = false, .kernels = {}}));
  if (bits_of(one) != bits_of(two)) std::abort();
}

}  // namespace
}  // namespace edgebin

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<std::byte> file = edgebin::fuzz::sealed(data, size);
  try {
    edgebin::run(file);
  } catch (const edgebin::Error&) {  // what it should do with most of them
  }
  return 0;
}
