#include "file/fingerprint.h"

#include <cstdint>

#include "base/error.h"

namespace edgebin {
namespace {

// Verification runs the network on each image, once for every instruction set and thread count.
constexpr std::size_t kMaxImages = 16;

}  // namespace

std::vector<ProbeHashes> read_fingerprint(Cursor& cursor, std::size_t values) {
  const std::size_t count = cursor.count("fingerprint count", (1 + values) * sizeof(std::uint32_t));
  if (count > kMaxImages) {
    cursor.fail(Rule::kSelfTestCount, "fingerprint count",
                message("is ", count, ", expected at most ", kMaxImages), 4);
  }
  std::vector<ProbeHashes> fingerprint(count);
  for (ProbeHashes& probe : fingerprint) {
    probe.seed = cursor.u32("seed of a fingerprint");
    probe.hashes.resize(values);
    for (std::uint32_t& hash : probe.hashes) hash = cursor.u32("hash of a fingerprint");
  }
  return fingerprint;
}

}  // namespace edgebin
