// Types of activations and stored constants, as plain data. ops/layout.h defines the layout of
// activations in memory, FORMAT.md that of constants in a file. The checks are made in file/ and
// ops/.
#ifndef EDGEBIN_GRAPH_TYPES_H_
#define EDGEBIN_GRAPH_TYPES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "base/bits.h"

namespace edgebin {

// The largest dimension of a tensor or activation; the smallest is 1.
inline constexpr std::int64_t kMaxDimension = std::int64_t{1} << 24;

// The largest number of elements of one activation.
inline constexpr std::int64_t kMaxElements = std::int64_t{1} << 28;

enum class DType : std::uint8_t { kU8, kCode, kF32 };

// Height, width, channels; channels vary fastest.
struct Shape {
  int h = 1;
  int w = 1;
  int c = 1;

  std::int64_t pixels() const { return std::int64_t{h} * w; }
  std::int64_t elements() const { return pixels() * c; }
  friend bool operator==(const Shape&, const Shape&) = default;
};

struct ValueType {
  DType dtype = DType::kU8;
  Shape shape;

  friend bool operator==(const ValueType&, const ValueType&) = default;
};

// Numbered as in the file.
enum class ConstantType : std::uint8_t { kBit, kS8, kI16, kI32, kF32 };
inline constexpr int kConstantTypes = 5;

// A stored tensor: an unaligned view of the file's bytes. The first dimension counts rows. The bits
// of a row are packed lowest bit first, and each row starts at a byte.
struct Constant {
  ConstantType type = ConstantType::kBit;
  int rank = 0;
  std::array<int, 4> dims = {1, 1, 1, 1};  // 1 past the rank
  std::span<const std::byte> bytes;

  std::int64_t rows() const { return dims[0]; }
  std::int64_t row_length() const { return std::int64_t{dims[1]} * dims[2] * dims[3]; }
  std::int64_t elements() const { return rows() * row_length(); }
  Bytes row_bytes() const;

  // Element `index` in row-major order; T has the size of the type, which is not kBit.
  template <class T>
  T element(std::int64_t index) const {
    T value;
    std::memcpy(&value, bytes.data() + static_cast<std::size_t>(index) * sizeof(T), sizeof(T));
    return value;
  }
};

int bits_of(ConstantType type);  // of one element
std::string_view name_of(DType dtype);
std::string_view name_of(ConstantType type);
std::string describe(const Shape& shape);        // 32x32x3
std::string describe(const ValueType& type);     // u8 32x32x3
std::string describe(const Constant& constant);  // bit [128, 3, 3, 64]

}  // namespace edgebin

#endif  // EDGEBIN_GRAPH_TYPES_H_
