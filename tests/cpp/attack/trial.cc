#include "attack/trial.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <ctime>
#include <memory>
#include <utility>
#include <vector>

#include "attack/memory.h"
#include "base/error.h"
#include "runtime/hostile.h"

namespace edgebin::attack {
namespace {

constexpr unsigned kHang = 60;  // seconds

// Of this thread, for a machine that does other things as well.
double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// NaNs as one: which one an operation gives is left open.
std::vector<std::uint32_t> bits_of(const std::vector<float>& values) {
  std::vector<std::uint32_t> bits;
  bits.reserve(values.size());
  for (const float value : values) {
    bits.push_back(std::isnan(value) ? 0x7fc00000u : std::bit_cast<std::uint32_t>(value));
  }
  return bits;
}

void run_twice(const std::shared_ptr<const Program>& program, const File& file,
               const std::string& what) {
  const auto one = run_once(program);
  const auto two =
      run_once(Program::load(file, {.isa = {}, .threads = 2, .pin = false, .kernels = {}}));
  ASSERT_EQ(one.size(), two.size()) << what;
  for (std::size_t i = 0; i < one.size(); ++i) {
    ASSERT_EQ(bits_of(one[i]), bits_of(two[i])) << what << ": differs with two threads";
  }
}

// As far as the file has them.
std::size_t header_bytes(const File& file) {
  if (file.size() < kPrefix) return 0;
  return std::min(file.size() - kPrefix, static_cast<std::size_t>(number_at(file, {12, 4})));
}

// Null where it was refused.
std::shared_ptr<const Program> load(const File& file, const std::string& what, Tally& tally) {
  const std::size_t before = held().bytes;
  watch_most();
  const double start = processor_seconds();
  try {
    auto program = Program::load(file, {});
    const auto prepared = static_cast<double>(most_bytes() - before);
    tally.most_prepared =
        std::max(tally.most_prepared, prepared / static_cast<double>(file.size()));
    return program;
  } catch (const Error& error) {
    const double seconds = processor_seconds() - start;
    const std::size_t bytes = most_bytes() - before;
    const std::size_t beyond = bytes - std::min(bytes, 2 * file.size());
    tally.slowest = std::max(tally.slowest, seconds);
    tally.most_bytes = std::max(tally.most_bytes, beyond);
    EXPECT_LT(seconds, kMostSeconds) << what;
    EXPECT_LE(beyond, kSpareBytes + kSpareOfHeader * header_bytes(file))
        << what << ": " << bytes << " bytes for " << file.size();
    EXPECT_EQ(error.kind(), ErrorKind::kModelFile) << what;
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << what;
    return nullptr;
  }
}

}  // namespace

std::string Tally::line(const std::string& name) const {
  const auto of_ms = static_cast<std::int64_t>(std::ceil(1e3 * slowest));
  return message(name, ": ", cases, " cases, ", refused, " refused, ", ran, " ran, ", large,
                 " too large to run; slowest refusal ", of_ms, " ms, most memory of one ",
                 most_bytes, " bytes beyond twice the file; prepared at most ",
                 static_cast<std::int64_t>(std::ceil(most_prepared)), " times the file");
}

void try_file(const File& file, const std::string& what, Tally& tally) {
  ++tally.cases;
  alarm(kHang);
  std::shared_ptr<const Program> program;
  ASSERT_NO_THROW(program = load(file, what, tally)) << what;
  if (program == nullptr) {
    ++tally.refused;
  } else if (!is_light(*program)) {
    ++tally.large;
  } else {
    ++tally.ran;
    ASSERT_NO_THROW(run_twice(program, file, what)) << what;
  }
  alarm(0);
}

void try_both(File file, const std::string& what, Tally& tally) {
  try_file(file, what, tally);
  seal(file);
  try_file(file, what + ", sealed", tally);
}

}  // namespace edgebin::attack
