// Operands of kernels from a fuzzer's bytes: shapes from the first ones, contents from the rest.
// Past their end come pseudo-random bytes, whose seed is all of them.
#ifndef EDGEBIN_TESTS_FUZZ_OPERANDS_H_
#define EDGEBIN_TESTS_FUZZ_OPERANDS_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace edgebin::fuzz {

class Bytes {
 public:
  explicit Bytes(std::span<const std::uint8_t> bytes) : bytes_(bytes) {
    for (const std::uint8_t byte : bytes) spin(byte);
  }

  std::uint8_t byte() {
    if (at_ < bytes_.size()) return bytes_[at_++];
    spin(0);
    return static_cast<std::uint8_t>(state_ >> 56);
  }

  // Within first..last, which are less than 65,536 apart.
  int pick(int first, int last) {
    const int drawn = byte() | byte() << 8;
    return first + drawn % (last - first + 1);
  }

  template <class T>
  T value() {
    T value;
    std::uint8_t raw[sizeof value];
    for (std::uint8_t& each : raw) each = byte();
    std::memcpy(&value, raw, sizeof value);
    return value;
  }

  template <class T>
  void fill(std::vector<T>& values) {
    for (T& each : values) each = value<T>();
  }

 private:
  void spin(std::uint8_t byte) {
    state_ = (state_ + byte) * 6364136223846793005u + 1442695040888963407u;
  }

  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
  std::uint64_t state_ = 1;
};

}  // namespace edgebin::fuzz

#endif  // EDGEBIN_TESTS_FUZZ_OPERANDS_H_
