#include "attack/anatomy.h"

#include "runtime/hostile.h"

namespace edgebin::attack {
namespace {

constexpr Field kPrefixFields[] = {{0, 8}, {8, 4}, {12, 4}, {16, 8}, {24, 4}, {28, 4}};
constexpr Field kHeaderSize = kPrefixFields[2];
constexpr std::uint64_t kVersionOfTypedInputs = 3;

class Walk {
 public:
  explicit Walk(std::span<const std::byte> file) : file_(file) {
    found_.fields.assign(std::begin(kPrefixFields), std::end(kPrefixFields));
    found_.header_end = kPrefix + static_cast<std::size_t>(number_at(file, kHeaderSize));
  }

  bool fits() const { return at_ <= found_.header_end && found_.header_end <= file_.size(); }
  std::size_t left() const { return fits() ? found_.header_end - at_ : 0; }

  std::uint64_t number(std::size_t bytes) {
    const Field field = {at_, bytes};
    at_ += bytes;
    if (!fits()) return 0;
    found_.fields.push_back(field);
    return number_at(file_, field);
  }

  void text() {
    const std::size_t start = at_;
    const auto length = static_cast<std::size_t>(number(2));
    at_ += length;
    if (fits()) found_.texts.push_back({start, length});
  }

  // Returns how many items there were.
  template <class Item>
  std::size_t list(std::size_t count_bytes, const Item& item) {
    List list{{at_, count_bytes}, {}};
    const std::uint64_t count = number(count_bytes);
    for (std::uint64_t i = 0; i < count && fits(); ++i) {
      const std::size_t start = at_;
      item();
      list.items.emplace_back(start, at_);
    }
    const std::size_t items = list.items.size();
    if (fits()) found_.lists.push_back(std::move(list));
    return items;
  }

  Anatomy& found() { return found_; }

 private:
  std::span<const std::byte> file_;
  std::size_t at_ = kPrefix;
  Anatomy found_;
};

void walk_tensor(Walk& walk) {
  walk.number(1);
  const std::uint64_t rank = walk.number(1);
  walk.number(2);
  for (std::uint64_t i = 0; i < rank; ++i) walk.number(4);
}

void walk_node(Walk& walk) {
  walk.text();
  walk.text();
  walk.list(1, [&] { walk.number(4); });
  for (int i = 0; i < 2; ++i) {  // constants, attributes
    walk.list(1, [&] {
      walk.text();
      walk.number(4);
    });
  }
}

void walk_header(Walk& walk, bool is_typed) {
  walk.text();
  walk.text();
  for (const std::size_t bytes : {1, 1, 1, 1, 4}) walk.number(bytes);
  const std::uint64_t channels = walk.number(2);
  for (std::uint64_t i = 0; i < 2 * channels && walk.fits(); ++i) walk.number(4);
  walk.list(4, [&] { walk.text(); });
  walk.list(4, [&] { walk_tensor(walk); });
  const std::size_t inputs = walk.list(4, [&] {
    walk.text();
    if (is_typed) walk.number(1);
    for (int i = 0; i < 3; ++i) walk.number(4);
  });
  const std::size_t nodes = walk.list(4, [&] { walk_node(walk); });
  walk.list(4, [&] {
    walk.text();
    walk.number(4);
  });
  if (walk.left() > 0) {  // fingerprints, since version 2: a seed, and a hash of each value
    walk.list(4, [&] {
      for (std::size_t i = 0; i < 1 + inputs + nodes; ++i) walk.number(4);
    });
  }
  if (is_typed && walk.left() > 0) {  // task
    walk.number(1);
    for (std::uint64_t left = walk.number(4); left >= 4 && walk.left() > 0; left -= 4) {
      walk.number(4);
    }
  }
  while (walk.left() > 0) walk.number(1);
}

}  // namespace

std::optional<Anatomy> dissect(std::span<const std::byte> file) {
  if (file.size() < kPrefix) return std::nullopt;
  Walk walk(file);
  walk_header(walk, number_at(file, kPrefixFields[1]) >= kVersionOfTypedInputs);
  if (!walk.fits()) return std::nullopt;
  return std::move(walk.found());
}

std::uint64_t number_at(std::span<const std::byte> file, const Field& field) {
  std::uint64_t value = 0;
  for (std::size_t i = field.bytes; i-- > 0;) {
    value = value << 8 | std::to_integer<std::uint64_t>(file[field.at + i]);
  }
  return value;
}

void put_number(std::span<std::byte> file, const Field& field, std::uint64_t value) {
  for (std::size_t i = 0; i < field.bytes; ++i) {
    file[field.at + i] = static_cast<std::byte>(value >> 8 * i);
  }
}

}  // namespace edgebin::attack
