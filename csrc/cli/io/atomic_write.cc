#include "cli/io/atomic_write.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
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

constexpr std::string_view kPrefix = ".edgebin-";
constexpr std::string_view kSuffix = ".tmp";

// "" for the folder that the process is in.
std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

// A temporary file, opened to be locked: for writing, as some file systems want it; for reading
// where it is read-only, since it was to replace such a file.
int open_leftover(const std::string& path) {
  constexpr int kOptions = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  const int file = ::open(path.c_str(), O_WRONLY | kOptions);
  return file < 0 && errno == EACCES ? ::open(path.c_str(), O_RDONLY | kOptions) : file;
}

// Temporary files of killed processes, this program's or the Python package's: nobody holds the
// lock on them. Whatever cannot be removed stays.
void remove_leftovers(const std::string& folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.empty() ? "." : folder.c_str()),
                                                 ::closedir);
  if (open == nullptr) return;
  while (const dirent* entry = ::readdir(open.get())) {
    const std::string_view name = entry->d_name;
    if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) continue;
    const std::string path = folder + entry->d_name;
    const int file = open_leftover(path);
    if (file < 0) continue;
    if (::flock(file, LOCK_EX | LOCK_NB) == 0) ::unlink(path.c_str());
    ::close(file);
  }
}

// A new file in the folder, open and locked, and its name; -1 with errno where there is none.
int open_temporary(const std::string& folder, std::string& path) {
  for (;;) {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    path =
        folder + message(kPrefix, "run-", ::getpid(), "-", now.tv_sec, "-", now.tv_nsec, kSuffix);
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0 && errno == EEXIST) continue;  // a later nanosecond
    if (file < 0) return file;
    ::flock(file, LOCK_EX);  // no matter where a file system has no locks
    struct stat made{};
    if (::fstat(file, &made) != 0 || made.st_nlink > 0) return file;
    ::close(file);  // another process took it for a leftover before it was locked
  }
}

void flush_folder(const std::string& folder) {
  const int file =
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  ::fsync(file);  // what a file system cannot promise is no error
  ::close(file);
}

[[noreturn]] void fail(const std::string& path, std::string_view reason) {
  throw Error(ErrorKind::kOption, message("--output ", quoted(path), ": ", reason));
}

// False with errno where the system refuses.
bool replace(const std::string& path, std::span<const std::byte> bytes) {
  struct stat old{};
  const bool exists = ::stat(path.c_str(), &old) == 0;
  if (exists && !S_ISREG(old.st_mode)) fail(path, "a folder or a device stands there");
  const std::string folder = folder_of(path);
  remove_leftovers(folder);
  std::string temporary;
  const int file = open_temporary(folder, temporary);
  if (file < 0) return false;
  bool done = (!exists || ::fchmod(file, old.st_mode & 07777) == 0) && write_all(file, bytes);
  done = done && std::rename(temporary.c_str(), path.c_str()) == 0;
  const int code = errno;
  if (!done) ::unlink(temporary.c_str());
  ::close(file);
  if (done) flush_folder(folder);
  errno = code;
  return done;
}

}  // namespace

void write_whole(const std::string& path, std::span<const std::byte> bytes) {
  if (replace(target_of(path), bytes)) return;
  fail(path, std::generic_category().message(errno));
}

}  // namespace edgebin::cli
