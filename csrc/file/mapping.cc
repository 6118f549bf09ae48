#include "file/mapping.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <limits>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "graph/rules.h"

namespace edgebin {
namespace {

constexpr std::ptrdiff_t kMaxBytes = std::numeric_limits<std::ptrdiff_t>::max();

// A file descriptor that is closed on destruction; the mapping outlives it.
class Descriptor {
 public:
  // O_NONBLOCK: opening a named pipe must not wait for a writer.
  explicit Descriptor(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }

 private:
  int fd_;
};

[[noreturn]] void fail(const std::string& line) { refuse_file(Rule::kFileRead, line); }

[[noreturn]] void fail_with_errno(std::string_view what) {
  const int code = errno;
  fail(message(what, ": ", std::generic_category().message(code)));
}

}  // namespace

Mapping::Mapping(const std::string& path) {
  if (path.find('\0') != std::string::npos) fail("the path holds a zero byte");
  const Descriptor file(path);
  if (file.get() < 0) fail_with_errno("cannot be opened");
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) fail_with_errno("cannot be examined");
  if (S_ISDIR(status.st_mode)) fail("is a directory, expected a file");
  if (!S_ISREG(status.st_mode)) fail("is not a regular file");
  if (status.st_size == 0) fail("is empty, expected an .ebn file");
  if (std::cmp_greater(status.st_size, kMaxBytes)) {
    fail(message("has ", status.st_size, " bytes, this machine maps at most ", kMaxBytes));
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (address == MAP_FAILED) fail_with_errno("cannot be mapped");
  bytes_ = {static_cast<const std::byte*>(address), size};
}

Mapping::~Mapping() { ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size()); }

void Mapping::forget() const noexcept {
  ::madvise(const_cast<std::byte*>(bytes_.data()), bytes_.size(), MADV_DONTNEED);
}

}  // namespace edgebin
