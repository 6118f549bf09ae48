// Files with header lists as long as allowed, and as many nodes as allowed. Loading or refusing
// them takes memory and time in proportion to the file.
#include <gtest/gtest.h>

#include <ctime>
#include <iostream>
#include <string>

#include "attack/anatomy.h"
#include "attack/forgery.h"
#include "attack/memory.h"
#include "base/error.h"
#include "runtime/written.h"

namespace edgebin::attack {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr std::size_t kHeader = 16 * kMiB - 4096;
constexpr std::size_t kSpare = kMiB;

// A network of no meaning whose list `index` (see dissect) has so many items of zeros.
File flooded(std::size_t index, std::size_t item_bytes, std::size_t count) {
  const File file = written({{1, 1, 1}, {}, {{"relu", {0}, {}, {}}}});
  const Anatomy anatomy = dissect(file).value();
  const List& list = anatomy.lists[index];
  const std::size_t from = list.count.at + list.count.bytes;
  const std::size_t to = list.items.empty() ? from : list.items.back().second;
  File forged = with_header_part(file, anatomy, from, to, File(item_bytes * count));
  put_number(forged, list.count, count);
  seal(forged);
  return forged;
}

File of_nodes(std::size_t count) {
  WrittenNetwork network = {{1, 1, 1}, {floats({1}, {1.0f}), floats({1}, {0.0f})}, {}};
  network.nodes.push_back({"affine", {0}, {{"scale", 0}, {"bias", 1}}, {}});
  while (network.nodes.size() < count) {
    network.nodes.push_back({"relu", {static_cast<std::uint32_t>(network.nodes.size())}, {}, {}});
  }
  return written(network);
}

// `greed` bytes for each of the file's.
void expect_modest(const File& file, const std::string& name, std::size_t greed) {
  const std::size_t before = held().bytes;
  watch_most();
  const std::clock_t start = std::clock();
  std::string end = "loads";
  try {
    Program::load(file, {});
  } catch (const Error& error) {
    end = error.what();
  }
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  const std::size_t bytes = most_bytes() - before;
  std::cout << name << ": " << file.size() << " bytes, " << bytes << " in memory, "
            << static_cast<int>(1e3 * seconds) << " ms: " << end << '\n';
  EXPECT_LE(bytes, greed * file.size() + kSpare) << name;
}

TEST(Bombs, ListsAsLongAsTheyMayBe) {
  expect_modest(flooded(0, 2, kHeader / 2), "labels", 2);
  expect_modest(flooded(1, 8, kHeader / 8), "tensors", 2);
}

TEST(Bombs, InputsAsLongAsTheyMayBe) {
  WrittenNetwork network = {{1, 1, 1}, {}, {{"relu", {15}, {}, {}}}};
  network.version = 3;
  network.input_type = 2;  // s8, which is copied
  for (int i = 1; i < 16; ++i) network.more_inputs.push_back({2, {1, 1, 1}});
  network.more_inputs.back().type = 1;
  network.more_inputs.front().shape = {1u << 24, 1, 15};
  const std::size_t before = held().bytes;
  watch_most();
  const auto program = Program::load(written(network), {});
  EXPECT_LE(most_bytes() - before, kSpare);
  EXPECT_THROW(Program::load(written(network),
                             {.isa = {}, .threads = 1, .pin = false, .max_arena_bytes = 1u << 20}),
               Error);
}

TEST(Bombs, AsManyNodesAsThereMayBe) { expect_modest(of_nodes(16'384), "nodes", 32); }

}  // namespace
}  // namespace edgebin::attack
