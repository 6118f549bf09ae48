// A file read from front to back, with a look ahead. It takes pipes as well, and never asks how
// long a file says it is: memory grows with the bytes that come.
#ifndef EDGEBIN_CLI_IO_INPUT_FILE_H_
#define EDGEBIN_CLI_IO_INPUT_FILE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace edgebin::cli {

// All functions throw Error(kInput) with the system's reason where it refuses.
class InputFile {
 public:
  explicit InputFile(const std::string& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  // The next bytes, which stay the next: `count`, at most kMostAhead, or fewer at the end.
  std::span<const std::uint8_t> ahead(std::size_t count);

  // The next byte, or -1 at the end.
  int next();

  // The next bytes: `count`, or fewer at the end.
  std::vector<std::uint8_t> take(std::size_t count);

  static constexpr std::size_t kMostAhead = 64;

 private:
  // Reads once into the buffer, behind what is there; false at the end.
  bool fill();

  int file_;
  std::vector<std::uint8_t> buffer_;  // what was read
  std::size_t at_ = 0;                // and of that, taken
};

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_IO_INPUT_FILE_H_
