#include "graph/types.h"

#include "base/bits.h"
#include "base/error.h"

namespace edgebin {

Bytes Constant::row_bytes() const {
  return static_cast<Bytes>(ceil_div(row_length() * bits_of(type), 8));
}

int bits_of(ConstantType type) {
  constexpr std::array<int, kConstantTypes> kBits = {1, 8, 16, 32, 32};
  return kBits[static_cast<std::size_t>(type)];
}

std::string_view name_of(DType dtype) {
  constexpr std::array<std::string_view, 3> kNames = {"u8", "code", "f32"};
  return kNames[static_cast<std::size_t>(dtype)];
}

std::string_view name_of(ConstantType type) {
  constexpr std::array<std::string_view, kConstantTypes> kNames = {"bit", "s8", "i16", "i32",
                                                                   "f32"};
  return kNames[static_cast<std::size_t>(type)];
}

std::string describe(const Shape& shape) { return message(shape.h, 'x', shape.w, 'x', shape.c); }

std::string describe(const ValueType& type) {
  return message(name_of(type.dtype), ' ', describe(type.shape));
}

std::string describe(const Constant& constant) {
  std::string text = message(name_of(constant.type), " [", constant.dims[0]);
  for (int i = 1; i < constant.rank; ++i) text += message(", ", constant.dims[i]);
  return text + ']';
}

}  // namespace edgebin
