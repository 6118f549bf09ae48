#include "cli/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <system_error>

#include "base/error.h"

namespace edgebin::cli {
namespace {

bool write_all(int file, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(file, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(wrote));
  }
  return ::fsync(file) == 0;
}

// `path` with links followed, where it exists.
std::string target_of(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), std::free);
  return real == nullptr ? path : real.get();
}

// In the same folder, under a name that no one else takes.
std::string temporary_for(const std::string& path) {
  const std::size_t name = path.rfind('/') + 1;  // 0 where there is none
  return path.substr(0, name) + message(".edgebin-run-", ::getpid(), ".tmp");
}

[[noreturn]] void fail(const std::string& path, std::string_view reason) {
  throw Error(ErrorKind::kOption, message("--output ", quoted(path), ": ", reason));
}

// False with errno where the system refuses.
bool replace(const std::string& path, std::span<const std::byte> bytes) {
  struct stat old{};
  const bool exists = ::stat(path.c_str(), &old) == 0;
  if (exists && !S_ISREG(old.st_mode)) fail(path, "a folder or a device stands there");
  const std::string temporary = temporary_for(path);
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0) return false;
  bool done = (!exists || ::fchmod(file, old.st_mode & 07777) == 0) && write_all(file, bytes);
  done = ::close(file) == 0 && done;
  done = done && std::rename(temporary.c_str(), path.c_str()) == 0;
  if (done) return true;
  const int code = errno;
  ::unlink(temporary.c_str());
  errno = code;
  return false;
}

}  // namespace

void write_whole(const std::string& path, std::span<const std::byte> bytes) {
  if (replace(target_of(path), bytes)) return;
  fail(path, std::generic_category().message(errno));
}

}  // namespace edgebin::cli
