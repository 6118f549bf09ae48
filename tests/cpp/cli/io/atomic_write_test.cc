// Files that are replaced as a whole or not at all: permissions, links, leftovers of killed
// processes, a full disk.
#include "cli/io/atomic_write.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/error.h"
#include "cli/scratch_file.h"

namespace edgebin::cli {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(WholeFile, ReplacesAndKeepsPermissions) {
  for (const mode_t mode : {0640, 0440}) {
    const ScratchFile file("before");
    ASSERT_EQ(::chmod(file.path().c_str(), mode), 0);
    write_atomically(file.path(), bytes_of("after"));
    EXPECT_EQ(contents(file.path()), "after");
    struct stat status{};
    ASSERT_EQ(::stat(file.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, mode);
  }
}

TEST(WholeFile, ALinkStaysALink) {
  const ScratchFile file("before");
  const std::string link = file.path() + "-link";
  std::filesystem::create_symlink(file.path(), link);
  write_atomically(link, bytes_of("after"));
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(contents(file.path()), "after");
  std::filesystem::remove(link);
}

TEST(WholeFile, RefusesFoldersDevicesAndNowhere) {
  const std::string folder = std::filesystem::temp_directory_path().string();
  for (const std::string& path : {folder, std::string("/dev/null"), folder + "/none/such"}) {
    EXPECT_THROW(write_atomically(path, bytes_of("x")), Error) << path;
  }
  try {
    write_atomically(folder + "/none/such", bytes_of("x"));
  } catch (const Error& error) {  // what the system says, not what it is not
    EXPECT_NE(std::string(error.what()).find("No such file"), std::string::npos) << error.what();
  }
}

// Files in a folder of their own, which is removed with all that is in it.
class Folder {
 public:
  Folder() {
    std::string path = std::filesystem::temp_directory_path() / "edgebin-folder-XXXXXX";
    if (::mkdtemp(path.data()) != nullptr) path_ = path + "/";
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string operator/(const std::string& name) const { return path_ + name; }
  bool has(const std::string& name) const { return std::filesystem::exists(path_ + name); }
  std::size_t count() const {
    const std::filesystem::directory_iterator files(path_);
    return static_cast<std::size_t>(std::distance(begin(files), end(files)));
  }

 private:
  std::string path_;
};

TEST(WholeFile, RemovesWhatKilledProcessesLeftAndNothingElse) {
  const Folder folder;
  for (const char* name : {".edgebin-0123.tmp", ".edgebin-run-1-2-3.tmp", ".edgebin-notes", "x"}) {
    std::ofstream(folder / name) << "half of";
  }
  ASSERT_EQ(::mkfifo((folder / ".edgebin-pipe.tmp").c_str(), 0600), 0);
  write_atomically(folder / "scores", bytes_of("whole"));
  EXPECT_EQ(contents(folder / "scores"), "whole");
  EXPECT_FALSE(folder.has(".edgebin-0123.tmp"));
  EXPECT_FALSE(folder.has(".edgebin-run-1-2-3.tmp"));
  EXPECT_TRUE(folder.has(".edgebin-notes"));
  EXPECT_TRUE(folder.has("x"));
}

TEST(WholeFile, RemovesAReadOnlyLeftover) {
  constexpr uid_t kNobody = 65534;
  const Folder folder;
  const std::string leftover = folder / ".edgebin-0123.tmp";
  std::ofstream(leftover) << "half of";
  ASSERT_EQ(::chmod(leftover.c_str(), 0440), 0);
  const bool root = ::geteuid() == 0;
  if (root) {  // which may open everything
    ASSERT_EQ(::chown((folder / "").c_str(), kNobody, static_cast<gid_t>(-1)), 0);
    ASSERT_EQ(::chown(leftover.c_str(), kNobody, static_cast<gid_t>(-1)), 0);
    ASSERT_EQ(::seteuid(kNobody), 0);
  }
  write_atomically(folder / "scores", bytes_of("whole"));
  ASSERT_TRUE(!root || ::seteuid(0) == 0);
  EXPECT_FALSE(folder.has(".edgebin-0123.tmp"));
  EXPECT_EQ(folder.count(), 1u);
}

TEST(WholeFile, LeavesWhatAnotherIsWriting) {
  const Folder folder;
  const std::string held = folder / ".edgebin-held.tmp";
  const int file = ::open(held.c_str(), O_WRONLY | O_CREAT, 0600);
  ASSERT_GE(file, 0);
  ASSERT_EQ(::flock(file, LOCK_EX), 0);
  write_atomically(folder / "scores", bytes_of("whole"));
  EXPECT_TRUE(folder.has(".edgebin-held.tmp"));
  ::close(file);
  write_atomically(folder / "scores", bytes_of("again"));
  EXPECT_FALSE(folder.has(".edgebin-held.tmp"));
  EXPECT_EQ(folder.count(), 1u);
}

TEST(WholeFile, AFullDiskLeavesTheOldFileAlone) {
  const Folder folder;
  write_atomically(folder / "scores", bytes_of("before"));
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit before = limit;
  limit.rlim_cur = 10;
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  EXPECT_THROW(write_atomically(folder / "scores", bytes_of("longer than ten bytes")), Error);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(contents(folder / "scores"), "before");
  EXPECT_EQ(folder.count(), 1u);
}

}  // namespace
}  // namespace edgebin::cli
