// Any bytes as an image for edgebin-run: refused with an Error, or converted to the bytes of an
// input. The first byte selects the network's preprocessing, and whether the rest is an image or a
// raw tensor. Sizes are small, because large ones would only be slow.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "cli/image/prepare.h"

namespace edgebin::cli {
namespace {

ModelInfo rule_of(std::uint8_t choice) {
  constexpr std::array<const char*, 4> kFilters = {"nearest", "bilinear", "bicubic", "lanczos"};
  constexpr std::array<const char*, 4> kColours = {"rgb", "bgr", "grey", "rgb"};
  constexpr std::array<std::uint32_t, 4> kSizes = {0, 1, 9, 40};
  ModelInfo info;
  info.filter = kFilters[choice & 3];
  info.colour = kColours[choice >> 2 & 3];
  info.resize = kSizes[choice >> 4 & 3];
  info.input.height = 7;
  info.input.width = 11;
  info.input.channels = info.colour == "grey" ? 1 : 3;
  info.input.dtype = "u8";
  info.mean = {0};
  info.letterbox = (choice & 128) != 0;
  info.fill = choice;
  return info;
}

void prepare_any(const std::string& path, std::uint8_t choice) {
  const ModelInfo info = rule_of(choice);
  try {
    if (read_input(path, info, (choice & 64) != 0).elements.size() != info.input.elements())
      std::abort();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kInput) std::abort();
  }
}

}  // namespace
}  // namespace edgebin::cli

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const int file = ::memfd_create("image", 0);
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, data + 1, size - 1, 0) < 0) std::abort();
  edgebin::cli::prepare_any("/proc/self/fd/" + std::to_string(file), data[0]);
  return 0;
}
