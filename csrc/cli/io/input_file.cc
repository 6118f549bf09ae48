#include "cli/io/input_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/error.h"

namespace edgebin::cli {
namespace {

constexpr std::size_t kRead = std::size_t{1} << 16;

[[noreturn]] void fail_with_errno() {
  const int code = errno;
  throw Error(ErrorKind::kInput,
              code == ENOENT ? "no such file" : std::generic_category().message(code));
}

}  // namespace

InputFile::InputFile(const std::string& path) : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (file_ < 0) fail_with_errno();
}

InputFile::~InputFile() { ::close(file_); }

bool InputFile::fill() {
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(at_));
  at_ = 0;
  const std::size_t had = buffer_.size();
  buffer_.resize(had + kRead);
  ssize_t got = 0;
  do {
    got = ::read(file_, buffer_.data() + had, kRead);
  } while (got < 0 && errno == EINTR);
  if (got < 0) fail_with_errno();
  buffer_.resize(had + static_cast<std::size_t>(got));
  return got > 0;
}

std::span<const std::uint8_t> InputFile::peek(std::size_t count) {
  while (buffer_.size() - at_ < count && fill()) {
  }
  return std::span(buffer_).subspan(at_, std::min(count, buffer_.size() - at_));
}

int InputFile::next() {
  if (at_ == buffer_.size() && !fill()) return -1;
  return buffer_[at_++];
}

std::vector<std::uint8_t> InputFile::take(std::size_t count) {
  std::vector<std::uint8_t> bytes;
  while (bytes.size() < count && (at_ < buffer_.size() || fill())) {
    const std::size_t part = std::min(count - bytes.size(), buffer_.size() - at_);
    const auto from = buffer_.begin() + static_cast<std::ptrdiff_t>(at_);
    bytes.insert(bytes.end(), from, from + static_cast<std::ptrdiff_t>(part));
    at_ += part;
  }
  return bytes;
}

}  // namespace edgebin::cli
