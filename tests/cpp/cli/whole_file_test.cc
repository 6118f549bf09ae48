#include "cli/whole_file.h"

#include <sys/stat.h>

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
  const ScratchFile file("before");
  ASSERT_EQ(::chmod(file.path().c_str(), 0640), 0);
  write_whole(file.path(), bytes_of("after"));
  EXPECT_EQ(contents(file.path()), "after");
  struct stat status{};
  ASSERT_EQ(::stat(file.path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640u);
}

TEST(WholeFile, ALinkStaysALink) {
  const ScratchFile file("before");
  const std::string link = file.path() + "-link";
  std::filesystem::create_symlink(file.path(), link);
  write_whole(link, bytes_of("after"));
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(contents(file.path()), "after");
  std::filesystem::remove(link);
}

TEST(WholeFile, RefusesFoldersDevicesAndNowhere) {
  const std::string folder = std::filesystem::temp_directory_path().string();
  for (const std::string& path : {folder, std::string("/dev/null"), folder + "/none/such"}) {
    EXPECT_THROW(write_whole(path, bytes_of("x")), Error) << path;
  }
  try {
    write_whole(folder + "/none/such", bytes_of("x"));
  } catch (const Error& error) {  // what the system says, not what it is not
    EXPECT_NE(std::string(error.what()).find("No such file"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace edgebin::cli
