// A file mapped read-only into memory for the lifetime of the object. If another process truncates
// the file meanwhile, an access ends this process with SIGBUS, as with every mapping.
#ifndef EDGEBIN_FILE_MAPPING_H_
#define EDGEBIN_FILE_MAPPING_H_

#include <cstddef>
#include <span>
#include <string>

namespace edgebin {

class Mapping {
 public:
  // Throws Error(kModelFile), without the path, unless it is a readable, non-empty, regular file.
  explicit Mapping(const std::string& path);
  ~Mapping();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }

  // Drops the pages that have been read from memory; later accesses read the file again.
  void forget() const noexcept;

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace edgebin

#endif  // EDGEBIN_FILE_MAPPING_H_
