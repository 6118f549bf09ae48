// Makes malformed model files from a valid one and its anatomy: numbers replaced, the header cut or
// extended, strings and lists changed. If the header changes its size, the prefix is updated and
// the tensors move with it. The caller updates the checksum.
#ifndef EDGEBIN_TESTS_ATTACK_FORGERY_H_
#define EDGEBIN_TESTS_ATTACK_FORGERY_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "attack/anatomy.h"

namespace edgebin::attack {

using File = std::vector<std::byte>;

// What a field of that size is set to: ends of ranges, limits of FORMAT.md and what lies beside
// them, and what lies beside `value`.
std::vector<std::uint64_t> hostile_numbers(const Field& field, std::uint64_t value);

File with_number(const File& file, const Field& field, std::uint64_t value);

// `file` with the header bytes from `from` to `to` replaced.
File with_header_part(const File& file, const Anatomy& anatomy, std::size_t from, std::size_t to,
                      std::span<const std::byte> part);

// The string replaced, its length made right.
File with_text(const File& file, const Anatomy& anatomy, const Text& text,
               std::span<const std::byte> bytes);

// Item `index` of the list there `copies` times, the count made right (as far as it has bits).
File with_copies(const File& file, const Anatomy& anatomy, const List& list, std::size_t index,
                 std::size_t copies);

}  // namespace edgebin::attack

#endif  // EDGEBIN_TESTS_ATTACK_FORGERY_H_
