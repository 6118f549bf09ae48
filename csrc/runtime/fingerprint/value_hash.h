// The hash of a value of a run, as FORMAT.md defines it for self-tests: of its elements, not of how
// they lie in memory.
#ifndef EDGEBIN_RUNTIME_FINGERPRINT_VALUE_HASH_H_
#define EDGEBIN_RUNTIME_FINGERPRINT_VALUE_HASH_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "graph/types.h"

namespace edgebin {

// `bytes` are value_bytes(type) of a value, laid out as ops/layout.h says.
std::uint32_t value_hash(const ValueType& type, std::span<const std::byte> bytes) noexcept;

}  // namespace edgebin

#endif  // EDGEBIN_RUNTIME_FINGERPRINT_VALUE_HASH_H_
