// A file's bytes, mapped read-only for as long as the object lives. It reads nothing into memory
// and knows no format. Who shortens the file meanwhile ends the process: the system has no better
// answer for a mapping.
#ifndef EDGEBIN_FILE_MAPPING_H_
#define EDGEBIN_FILE_MAPPING_H_

#include <cstddef>
#include <span>
#include <string>

namespace edgebin {

class Mapping {
 public:
  // Throws Error(kModelFile), without the path, if it is no readable, non-empty, regular file.
  explicit Mapping(const std::string& path);
  ~Mapping();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }

  // Gives back the memory of what has been read; what is read again comes from the file again.
  void forget() const noexcept;

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace edgebin

#endif  // EDGEBIN_FILE_MAPPING_H_
