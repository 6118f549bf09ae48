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

// `path` with symbolic links resolved, if it exists.
std::string target_of(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), std::free);
  return real == nullptr ? path : real.get();
}

constexpr std::string_view kPrefix = ".edgebin-";
constexpr std::string_view kSuffix = ".tmp";

// "" for the working directory.
std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

// Opens a temporary file in order to lock it: for writing, which some file systems require; for
// reading where it is read-only because it was to replace a read-only file.
int open_leftover(const std::string& path) {
  constexpr int kOptions = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  const int file = ::open(path.c_str(), O_WRONLY | kOptions);
  return file < 0 && errno == EACCES ? ::open(path.c_str(), O_RDONLY | kOptions) : file;
}

// Removes the temporary files of killed processes, of this program or the Python package: nobody
// holds the lock on them. What cannot be removed stays.
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

// Creates, opens and locks a new file in the folder and sets `path` to its name. Returns -1 and
// sets errno if it fails.
int open_temporary(const std::string& folder, std::string& path) {
  for (;;) {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    path =
        folder + message(kPrefix, "run-", ::getpid(), "-", now.tv_sec, "-", now.tv_nsec, kSuffix);
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0 && errno == EEXIST) continue;  // with a later time in its name
    if (file < 0) return file;
    ::flock(file, LOCK_EX);  // may fail on a file system without locks
    struct stat made{};
    if (::fstat(file, &made) != 0 || made.st_nlink > 0) return file;
    ::close(file);  // another process removed it as a leftover before it was locked
  }
}

void flush_folder(const std::string& folder) {
  const int file =
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  ::fsync(file);  // an error is ignored: the file system does not support it
  ::close(file);
}

[[noreturn]] void fail(const std::string& path, std::string_view reason) {
  throw Error(ErrorKind::kOption, message("--output ", quoted(path), ": ", reason));
}

// Returns false and sets errno if the system fails.
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

void write_atomically(const std::string& path, std::span<const std::byte> bytes) {
  if (replace(target_of(path), bytes)) return;
  fail(path, std::generic_category().message(errno));
}

}  // namespace edgebin::cli
