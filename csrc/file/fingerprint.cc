#include "file/fingerprint.h"

#include <cstdint>

#include "base/error.h"

namespace edgebin {
namespace {

// Each costs a run of the network on every instruction set.
constexpr std::size_t kMostCases = 16;

}  // namespace

std::vector<SelfTestCase> read_self_test(Cursor& cursor, std::size_t values) {
  const std::size_t count = cursor.count("self-test count", (1 + values) * sizeof(std::uint32_t));
  if (count > kMostCases) {
    cursor.fail(Rule::kSelfTestCount, "self-test count",
                message("is ", count, ", expected at most ", kMostCases), 4);
  }
  std::vector<SelfTestCase> cases(count);
  for (SelfTestCase& one : cases) {
    one.seed = cursor.u32("seed of a self-test");
    one.hashes.resize(values);
    for (std::uint32_t& hash : one.hashes) hash = cursor.u32("hash of a self-test");
  }
  return cases;
}

}  // namespace edgebin
