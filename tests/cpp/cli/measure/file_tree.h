// A folder of files that imitate /proc and /sys.
#ifndef EDGEBIN_TESTS_CPP_CLI_MEASURE_FILE_TREE_H_
#define EDGEBIN_TESTS_CPP_CLI_MEASURE_FILE_TREE_H_

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace edgebin::cli {

class FileTreeTest : public testing::Test {
 protected:
  ~FileTreeTest() override { std::filesystem::remove_all(root_); }

  void put(const std::string& path, std::string_view text) const {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path, std::ios::binary) << text;
  }

  std::string root() const { return root_.string() + "/"; }

  std::filesystem::path root_ =
      std::filesystem::temp_directory_path() / ("edgebin-tree-" + std::to_string(::getpid()));
};

}  // namespace edgebin::cli

#endif  // EDGEBIN_TESTS_CPP_CLI_MEASURE_FILE_TREE_H_
