// Structures of the C interface begin with their size, so that later versions can append fields. A
// caller may be older or newer than the library.
#ifndef EDGEBIN_C_API_SIZED_H_
#define EDGEBIN_C_API_SIZED_H_

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "base/error.h"

namespace edgebin {

// Copies a structure of the caller; fields that the caller does not know are zero. `min_size` is
// the size of the first version. Throws Error(kInput) if the size is smaller, or if a field that
// this version does not know is not zero.
template <class T>
T read_sized(const T& given, std::size_t min_size, std::string_view name) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (given.size < min_size) {
    throw Error(ErrorKind::kInput,
                message(name, ": expected a size of at least ", min_size, ", found ", given.size));
  }
  const auto* const bytes = reinterpret_cast<const unsigned char*>(&given);
  for (std::size_t i = sizeof(T); i < given.size; ++i) {
    if (bytes[i] == 0) continue;
    throw Error(ErrorKind::kInput, message(name, ": expected at most ", sizeof(T),
                                           " bytes that are not 0, found byte ", i, " set"));
  }
  T result{};
  std::memcpy(&result, &given, std::min(given.size, sizeof(T)));
  return result;
}

// Writes the fields of `from` that fit the caller's structure. Its size stays as the caller set it.
template <class T>
void write_sized(const T& from, T* to, std::size_t min_size, std::string_view name) {
  static_assert(std::is_trivially_copyable_v<T>);
  const std::size_t size = to->size;
  if (size < min_size) {
    throw Error(ErrorKind::kInput,
                message(name, ": expected a size of at least ", min_size, ", found ", size));
  }
  std::memcpy(static_cast<void*>(to), &from, std::min(size, sizeof(T)));
  to->size = size;
}

}  // namespace edgebin

#endif  // EDGEBIN_C_API_SIZED_H_
