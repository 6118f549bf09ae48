#include "fuzz/mutator.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <random>
#include <span>

#include "attack/anatomy.h"
#include "attack/forgery.h"
#include "runtime/hostile.h"

// libFuzzer's own mutations.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace edgebin::fuzz {
namespace {

using attack::Anatomy;
using attack::File;

template <class T>
const T& any_of(const std::vector<T>& all, std::minstd_rand& random) {
  return all[random() % all.size()];
}

File with_field(const File& file, const Anatomy& anatomy, std::minstd_rand& random) {
  const attack::Field& field = any_of(anatomy.fields, random);
  const auto numbers = attack::hostile_numbers(field, attack::number_at(file, field));
  return attack::with_number(file, field, any_of(numbers, random));
}

// A string that the file has elsewhere: the names of operators, roles and keys are among them.
File with_other_text(const File& file, const Anatomy& anatomy, std::minstd_rand& random) {
  const attack::Text& from = any_of(anatomy.texts, random);
  const auto bytes = std::span(file).subspan(from.at + 2, from.length);
  return attack::with_text(file, anatomy, any_of(anatomy.texts, random), bytes);
}

File with_other_count(const File& file, const Anatomy& anatomy, std::minstd_rand& random) {
  const attack::List& list = any_of(anatomy.lists, random);
  if (list.items.empty()) return file;
  return attack::with_copies(file, anatomy, list, random() % list.items.size(), random() % 4);
}

File forged(const File& file, const Anatomy& anatomy, std::minstd_rand& random) {
  switch (random() % 4) {
    case 0:
      return with_other_text(file, anatomy, random);
    case 1:
      return with_other_count(file, anatomy, random);
    default:
      return with_field(file, anatomy, random);
  }
}

}  // namespace

File sealed(const std::uint8_t* data, std::size_t size) {
  const auto given = std::as_bytes(std::span(data, size));
  File file(given.begin(), given.end());
  seal(file);
  return file;
}

}  // namespace edgebin::fuzz

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  std::minstd_rand random(seed);
  const auto given = std::as_bytes(std::span(data, size));
  const auto anatomy = edgebin::attack::dissect(given);
  if (!anatomy || anatomy->texts.empty() || anatomy->lists.empty() || random() % 2 == 0) {
    return LLVMFuzzerMutate(data, size, most);
  }
  const auto file = edgebin::fuzz::forged({given.begin(), given.end()}, *anatomy, random);
  const std::size_t bytes = std::min(file.size(), most);
  std::memcpy(data, file.data(), bytes);
  return bytes;
}
