// The hash of a value of a run, as FORMAT.md defines it for fingerprints. It depends on the
// elements alone, not on their layout in memory.
#ifndef EDGEBIN_RUNTIME_FINGERPRINT_VALUE_HASH_H_
#define EDGEBIN_RUNTIME_FINGERPRINT_VALUE_HASH_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "graph/types.h"

namespace edgebin {

// `bytes` are the value_bytes(type) bytes of the value, in the layout of ops/layout.h.
std::uint32_t value_hash(const ValueType& type, std::span<const std::byte> bytes) noexcept;

}  // namespace edgebin

#endif  // EDGEBIN_RUNTIME_FINGERPRINT_VALUE_HASH_H_
