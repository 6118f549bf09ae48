#include "file/fingerprint.h"

#include <cstdint>

#include "base/error.h"

namespace edgebin {
namespace {

// Verification runs the network on each image, once for every instruction set and thread count.
constexpr std::size_t kMaxImages = 16;

}  // namespace

std::vector<ProbeHashes> read_fingerprint(Cursor& cursor, std::size_t values) {
  const std::size_t count = cursor.count("self-test count", (1 + values) * sizeof(std::uint32_t));
  if (count > kMaxImages) {
    cursor.fail(Rule::kSelfTestCount, "self-test count",
                message("is ", count, ", expected at most ", kMaxImages), 4);
  }
  std::vector<ProbeHashes> fingerprint(count);
  for (ProbeHashes& probe : fingerprint) {
    probe.seed = cursor.u32("seed of a self-test");
    probe.hashes.resize(values);
    for (std::uint32_t& hash : probe.hashes) hash = cursor.u32("hash of a self-test");
  }
  return fingerprint;
}

}  // namespace edgebin
