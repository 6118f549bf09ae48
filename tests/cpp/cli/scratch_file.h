// A temporary file with given bytes that is removed after the test.
#ifndef EDGEBIN_TESTS_CLI_SCRATCH_FILE_H_
#define EDGEBIN_TESTS_CLI_SCRATCH_FILE_H_

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace edgebin::cli {

class ScratchFile {
 public:
  explicit ScratchFile(std::string_view bytes)
      : path_(std::filesystem::temp_directory_path() /
              ("edgebin-" + std::to_string(::getpid()) + "-" +
               testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~ScratchFile() { std::filesystem::remove(path_); }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace edgebin::cli

#endif  // EDGEBIN_TESTS_CLI_SCRATCH_FILE_H_
