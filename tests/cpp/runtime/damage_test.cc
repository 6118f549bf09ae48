// Damaged files, their checksums made right so that the reader looks at what follows: each is
// refused with an Error or is another network that runs. The file lies in a buffer of its exact
// size, so that the address sanitizer sees every read past its end.
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <utility>

#include "base/error.h"
#include "runtime/corpus.h"
#include "runtime/hostile.h"

namespace edgebin {
namespace {

constexpr std::size_t kHeaderSizeAt = 12;
constexpr std::size_t kMostFile = 4096;
constexpr std::size_t kMostArena = std::size_t{1} << 22;

// Whether the file is refused; where it is not, runs it once.
bool refused(const std::vector<std::byte>& file) {
  std::shared_ptr<const Program> program;
  try {
    program = Program::load(file, {});
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kModelFile);
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    return true;
  }
  if (program->arena_bytes() > kMostArena || program->picture_bytes() > kMostArena) return false;
  run_once(program);
  return false;
}

// The smallest file of each kind of network, NAME of NAME-0.ebn, NAME-1.ebn, ...
std::vector<std::vector<std::byte>> small_files() {
  std::map<std::string, std::vector<std::byte>> by_kind;
  for (const auto& path : corpus()) {
    const std::string stem = path.stem().string();
    std::vector<std::byte>& smallest = by_kind[stem.substr(0, stem.rfind('-'))];
    std::vector<std::byte> file = bytes_of(path);
    if (smallest.empty() || file.size() < smallest.size()) smallest = std::move(file);
  }
  std::vector<std::vector<std::byte>> files;
  for (auto& [kind, file] : by_kind) {
    if (file.size() <= kMostFile) files.push_back(std::move(file));
  }
  return files;
}

std::size_t header_end(const std::vector<std::byte>& file) {
  std::uint32_t size = 0;
  std::memcpy(&size, file.data() + kHeaderSizeAt, sizeof size);
  return kPrefix + size;
}

TEST(Damage, EveryTruncationIsRefused) {
  const auto files = small_files();
  EDGEBIN_SKIP_WITHOUT_CORPUS(files);
  for (const auto& file : files) {
    for (std::size_t length = 0; length < file.size(); ++length) {
      std::vector<std::byte> part(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length));
      part.shrink_to_fit();
      EXPECT_TRUE(refused(part)) << length;
      if (length < kPrefix) continue;
      seal(part);
      EXPECT_TRUE(refused(part)) << length << ", sealed";
    }
  }
}

TEST(Damage, EveryFlippedBitOfTheHeaderIsRefusedOrRuns) {
  const auto files = small_files();
  EDGEBIN_SKIP_WITHOUT_CORPUS(files);
  for (const auto& file : files) {
    for (std::size_t bit = kHeaderSizeAt * 8; bit < header_end(file) * 8; ++bit) {
      std::vector<std::byte> flipped = file;
      flipped[bit / 8] ^= std::byte{1} << (bit % 8);
      if (bit / 8 >= kPrefix) seal(flipped);
      const bool seen = refused(flipped);
      EXPECT_TRUE(seen || bit / 8 >= kPrefix) << "bit " << bit << " of the prefix";
    }
  }
}

TEST(Damage, WildNumbersInTheHeaderAreRefusedOrRun) {
  const auto files = small_files();
  EDGEBIN_SKIP_WITHOUT_CORPUS(files);
  for (const auto& file : files) {
    for (std::size_t at = kPrefix; at + 4 <= header_end(file); ++at) {
      for (const std::uint32_t number : {0u, 1u, 0x7fffffffu, 0x80000000u, 0xffffffffu}) {
        std::vector<std::byte> wild = file;
        put(wild, at, number);
        seal(wild);
        refused(wild);
      }
    }
  }
}

}  // namespace
}  // namespace edgebin
