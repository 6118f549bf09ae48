// Files of tensors for --input of edgebin-run, raw and of numpy's format, for inputs of each type:
// what is read is a whole number of images, everything else is refused.
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "cli/io/tensor_file.h"

namespace edgebin::cli {
namespace {

// A file of that suffix, removed at the end.
class File {
 public:
  explicit File(const char* suffix) : path_(std::string("/tmp/edgebin-tensor-XXXXXX") + suffix) {
    file_ = ::mkstemps(path_.data(), static_cast<int>(std::string_view(suffix).size()));
    if (file_ < 0) std::abort();
  }
  ~File() {
    ::close(file_);
    ::unlink(path_.c_str());
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  const std::string& fill(const std::uint8_t* data, std::size_t size) {
    if (::ftruncate(file_, 0) != 0 || ::pwrite(file_, data, size, 0) < 0) std::abort();
    return path_;
  }

 private:
  std::string path_;
  int file_;
};

void read_any(const std::string& path, std::uint8_t choice) {
  constexpr std::array<const char*, 4> kTypes = {"u8", "s8", "f32", "f32"};
  ValueInfo input;
  input.height = 1 + (choice >> 2 & 1);
  input.channels = 1 + (choice >> 3 & 3);
  input.dtype = kTypes[choice & 3];
  try {
    const auto elements = read_tensor(path, input);
    if (elements.empty() || elements.size() % input.bytes() != 0) std::abort();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kInput) std::abort();
  }
}

}  // namespace
}  // namespace edgebin::cli

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static edgebin::cli::File raw("");
  static edgebin::cli::File npy(".npy");
  edgebin::cli::File& file = (data[0] & 128) != 0 ? npy : raw;
  edgebin::cli::read_any(file.fill(data + 1, size - 1), data[0]);
  return 0;
}
