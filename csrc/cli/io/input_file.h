// A file that is read sequentially, with lookahead. Pipes work too: the reported size of the file
// is never used, and memory grows with the bytes read.
#ifndef EDGEBIN_CLI_IO_INPUT_FILE_H_
#define EDGEBIN_CLI_IO_INPUT_FILE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace edgebin::cli {

// All functions throw Error(kInput) with the system's reason if it fails.
class InputFile {
 public:
  explicit InputFile(const std::string& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  // Returns the next `count` bytes without consuming them, or fewer at the end. `count` is at most
  // kMaxLookahead.
  std::span<const std::uint8_t> peek(std::size_t count);

  // Consumes the next byte; -1 at the end.
  int next();

  // Consumes the next `count` bytes, or fewer at the end.
  std::vector<std::uint8_t> take(std::size_t count);

  static constexpr std::size_t kMaxLookahead = 64;

 private:
  // Appends to the buffer what one call of read() returns; false at the end.
  bool fill();

  int file_;
  std::vector<std::uint8_t> buffer_;  // bytes read
  std::size_t at_ = 0;                // of those, consumed
};

}  // namespace edgebin::cli

#endif  // EDGEBIN_CLI_IO_INPUT_FILE_H_
