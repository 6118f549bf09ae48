// The position of each field of a model file, found by walking the header as FORMAT.md defines it,
// independently of the reader under test. Only the end of the walk is checked: what follows the
// known fields is treated as bytes.
#ifndef EDGEBIN_TESTS_ATTACK_ANATOMY_H_
#define EDGEBIN_TESTS_ATTACK_ANATOMY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace edgebin::attack {

// A little-endian number of 1, 2, 4 or 8 bytes.
struct Field {
  std::size_t at;
  std::size_t bytes;
};

// A string: a u16 length at `at`, then that many bytes.
struct Text {
  std::size_t at;
  std::size_t length;
};

// A count and what it counts: each item from its first byte to behind its last.
struct List {
  Field count;
  std::vector<std::pair<std::size_t, std::size_t>> items;
};

struct Anatomy {
  std::size_t header_end = 0;  // of the file's bytes
  std::vector<Field> fields;   // of prefix and header, lengths and counts among them
  std::vector<Text> texts;
  std::vector<List> lists;
};

// Nothing, where the walk would leave the header.
std::optional<Anatomy> dissect(std::span<const std::byte> file);

std::uint64_t number_at(std::span<const std::byte> file, const Field& field);

// The lowest `field.bytes` bytes of the value.
void put_number(std::span<std::byte> file, const Field& field, std::uint64_t value);

}  // namespace edgebin::attack

#endif  // EDGEBIN_TESTS_ATTACK_ANATOMY_H_
