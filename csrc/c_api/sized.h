// Structures of the C interface that begin with their size, so that they can grow: a caller from
// before a field was appended leaves it out, and a caller from after that meets an older library.
#ifndef EDGEBIN_C_API_SIZED_H_
#define EDGEBIN_C_API_SIZED_H_

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "base/error.h"

namespace edgebin {

// What the caller gave, fields that it does not know being zero. `least` is the size of the first
// version. Throws Error(kInput) if the size is below that, or a field is set that this version does
// not know.
template <class T>
T taken(const T& given, std::size_t least, std::string_view name) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (given.size < least) {
    throw Error(ErrorKind::kInput,
                message(name, ": size is ", given.size, ", expected at least ", least));
  }
  const auto* const bytes = reinterpret_cast<const unsigned char*>(&given);
  for (std::size_t i = sizeof(T); i < given.size; ++i) {
    if (bytes[i] == 0) continue;
    throw Error(ErrorKind::kInput,
                message(name, ": byte ", i, " is set, this version knows ", sizeof(T), " bytes"));
  }
  T result{};
  std::memcpy(&result, &given, std::min(given.size, sizeof(T)));
  return result;
}

// Writes as much of `from` as the caller has room for, behind the size, which stays the caller's.
template <class T>
void give(const T& from, T* to, std::size_t least, std::string_view name) {
  static_assert(std::is_trivially_copyable_v<T>);
  const std::size_t size = to->size;
  if (size < least) {
    throw Error(ErrorKind::kInput,
                message(name, ": size is ", size, ", expected at least ", least));
  }
  std::memcpy(static_cast<void*>(to), &from, std::min(size, sizeof(T)));
  to->size = size;
}

}  // namespace edgebin

#endif  // EDGEBIN_C_API_SIZED_H_
