#include "attack/trial.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <memory>
#include <utility>

#include "attack/memory.h"
#include "base/error.h"
#include "base/float_bits.h"
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

void run_twice(const std::shared_ptr<const Program>& program, const File& file,
               const std::string& what) {
  const std::size_t before = held().bytes;
  watch_most();
  const auto one = run_once(program);
  std::size_t promised = program->arena_bytes() + input_bytes(*program) + kSpareOfRun;
  for (const auto& output : one) promised += output.size() * sizeof(float);
  EXPECT_LE(most_bytes() - before, promised) << what;
  const auto two =
      run_once(Program::load(file, {.isa = {}, .threads = 2, .pin = false, .kernels = {}}));
  ASSERT_EQ(bits_of(one), bits_of(two)) << what << ": differs with two threads";
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
    const std::size_t prepared = most_bytes() - before;
    tally.most_prepared = std::max(tally.most_prepared, prepared);
    EXPECT_LE(prepared, kSparePrepared + kMaxPrepared * file.size()) << what;
    const double seconds = processor_seconds() - start;
    tally.slowest_load = std::max(tally.slowest_load, seconds);
    EXPECT_LT(seconds, kMaxSeconds) << what;
    return program;
  } catch (const Error& error) {
    const double seconds = processor_seconds() - start;
    const std::size_t bytes = most_bytes() - before;
    const std::size_t beyond = bytes - std::min(bytes, 2 * file.size());
    tally.slowest = std::max(tally.slowest, seconds);
    tally.most_bytes = std::max(tally.most_bytes, beyond);
    EXPECT_LT(seconds, kMaxSeconds) << what;
    EXPECT_LE(beyond, kSpareBytes + kSpareOfHeader * header_bytes(file))
        << what << ": " << bytes << " bytes for " << file.size();
    EXPECT_EQ(error.kind(), ErrorKind::kModelFile) << what;
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << what;
    return nullptr;
  }
}

}  // namespace

std::string Tally::line(const std::string& name) const {
  const auto in_ms = [](double seconds) {
    return static_cast<std::int64_t>(std::ceil(1e3 * seconds));
  };
  return message(name, ": ", cases, " cases, ", refused, " refused, ", ran, " ran, ", large,
                 " too large to run; slowest refusal ", in_ms(slowest), " ms, slowest load ",
                 in_ms(slowest_load), " ms, most memory of one ", most_bytes,
                 " bytes beyond twice the file; most memory of a loaded one ", most_prepared,
                 " bytes");
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
