// Files of tensors: raw elements and numpy's format, read and written, and what is refused.
#include "cli/io/tensor_file.h"

#include <filesystem>

#include "base/error.h"
#include "cli/scratch_file.h"

namespace edgebin::cli {
namespace {

using Bytes = std::vector<std::uint8_t>;

ValueInfo bytes_input() {
  return {.name = "x", .height = 1, .width = 2, .channels = 3, .dtype = "s8"};
}

// A file of that name; ScratchFile has names without a suffix.
class NpyFile {
 public:
  explicit NpyFile(const std::string& header, const std::string& data = "abcdef")
      : file_(std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size()) + '\0' +
              header + data),
        path_(file_.path() + ".npy") {
    std::filesystem::copy_file(file_.path(), path_);
  }
  ~NpyFile() { std::filesystem::remove(path_); }
  NpyFile(const NpyFile&) = delete;
  NpyFile& operator=(const NpyFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  ScratchFile file_;
  std::string path_;
};

TEST(TensorFile, RawElementsAreOneOrMoreImages) {
  const ScratchFile one("abcdef");
  EXPECT_EQ(read_tensor(one.path(), bytes_input()), (Bytes{'a', 'b', 'c', 'd', 'e', 'f'}));
  const ScratchFile two("abcdefghijkl");
  EXPECT_EQ(read_tensor(two.path(), bytes_input()).size(), 12u);
  for (const char* wrong : {"", "abcde", "abcdefg"}) {
    const ScratchFile file(wrong);
    EXPECT_THROW(read_tensor(file.path(), bytes_input()), Error) << wrong;
  }
  EXPECT_THROW(read_tensor("/no/such/file", bytes_input()), Error);
}

TEST(TensorFile, ReadsArraysOfTheTypeAndShape) {
  for (const char* shape : {"(1, 2, 3)", "(1, 1, 2, 3)", "(1,1,2,3)"}) {
    const NpyFile file(std::string("{'descr': '|i1', 'fortran_order': False, 'shape': ") + shape +
                       ", }   \n");
    EXPECT_EQ(read_tensor(file.path(), bytes_input()).size(), 6u) << shape;
  }
}

TEST(TensorFile, RefusesOtherArrays) {
  for (const char* header : {
           "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2, 3), }",
           "{'descr': '|i1', 'fortran_order': True, 'shape': (1, 2, 3), }",
           "{'descr': '|i1', 'fortran_order': False, 'shape': (11, 2, 3), }",
           "{'descr': '|i1', 'fortran_order': False, 'shape': (3, 2, 1), }",
           "{'descr': '|i1', 'fortran_order': False, 'shape': (6,), }",
           "",
       }) {
    const NpyFile file(header);
    EXPECT_THROW(read_tensor(file.path(), bytes_input()), Error) << header;
  }
  const NpyFile cut("{'descr': '|i1', 'fortran_order': False, 'shape': (1, 2, 3), }", "abc");
  EXPECT_THROW(read_tensor(cut.path(), bytes_input()), Error);
}

TEST(TensorFile, HeadersAreThoseOfNumpy) {
  const std::string header =
      npy_header({.name = "y", .height = 2, .width = 3, .channels = 4, .dtype = "f32"}, 5);
  EXPECT_EQ(header.size() % 64, 0u);
  EXPECT_EQ(header.back(), '\n');
  EXPECT_EQ(header.substr(10, 62),
            "{'descr': '<f4', 'fortran_order': False, 'shape': (5, 2, 3, 4)");
  const std::string vector = npy_header({.name = "y", .channels = 7, .dtype = "f32"}, 1);
  EXPECT_NE(vector.find("'shape': (1, 7), }"), std::string::npos);
}

}  // namespace
}  // namespace edgebin::cli
