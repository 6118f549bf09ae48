#include "attack/forgery.h"

#include <algorithm>

#include "base/bits.h"
#include "runtime/hostile.h"

namespace edgebin::attack {
namespace {

constexpr Field kHeaderSize = {12, 4};
constexpr std::size_t kAlignment = 64;

}  // namespace

std::vector<std::uint64_t> hostile_numbers(const Field& field, std::uint64_t value) {
  const std::uint64_t most = low_bits(8 * field.bytes);
  const std::uint64_t greatest = most >> 1;  // of the signed numbers of that size
  std::vector<std::uint64_t> numbers = {0,
                                        1,
                                        2,
                                        3,
                                        most,
                                        most - 1,
                                        greatest,
                                        greatest - 1,
                                        greatest + 1,
                                        value + 1,
                                        value - 1,
                                        value * 2,
                                        value + 64,
                                        ~value,
                                        value << 8,
                                        value ^ 0x80};
  for (const int power : {7, 8, 12, 15, 16, 22, 24, 26, 28, 30, 31, 32, 33, 48, 62}) {
    const std::uint64_t near = std::uint64_t{1} << power;
    for (const std::uint64_t number : {near - 1, near, near + 1}) numbers.push_back(number);
  }
  for (std::uint64_t& number : numbers) number &= most;
  std::ranges::sort(numbers);
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  std::erase(numbers, value);
  return numbers;
}

File with_number(const File& file, const Field& field, std::uint64_t value) {
  File forged = file;
  put_number(forged, field, value);
  return forged;
}

File with_header_part(const File& file, const Anatomy& anatomy, std::size_t from, std::size_t to,
                      std::span<const std::byte> part) {
  File forged(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(from));
  forged.insert(forged.end(), part.begin(), part.end());
  forged.insert(forged.end(), file.begin() + static_cast<std::ptrdiff_t>(to),
                file.begin() + static_cast<std::ptrdiff_t>(anatomy.header_end));
  put_number(forged, kHeaderSize, forged.size() - kPrefix);
  forged.resize(align_up(forged.size(), kAlignment));
  const std::size_t tensors = std::min(align_up(anatomy.header_end, kAlignment), file.size());
  forged.insert(forged.end(), file.begin() + static_cast<std::ptrdiff_t>(tensors), file.end());
  forged.shrink_to_fit();  // the address sanitizer sees every read past its end
  return forged;
}

File with_text(const File& file, const Anatomy& anatomy, const Text& text,
               std::span<const std::byte> bytes) {
  File part(2);
  put_number(part, {0, 2}, bytes.size());
  part.insert(part.end(), bytes.begin(), bytes.end());
  return with_header_part(file, anatomy, text.at, text.at + 2 + text.length, part);
}

File with_copies(const File& file, const Anatomy& anatomy, const List& list, std::size_t index,
                 std::size_t copies) {
  const auto [from, to] = list.items[index];
  File part;
  for (std::size_t i = 0; i < copies; ++i) {
    part.insert(part.end(), file.begin() + static_cast<std::ptrdiff_t>(from),
                file.begin() + static_cast<std::ptrdiff_t>(to));
  }
  File forged = with_header_part(file, anatomy, from, to, part);
  put_number(forged, list.count, list.items.size() - 1 + copies);
  return forged;
}

}  // namespace edgebin::attack
