// Inputs of each type: what a session copies, what the arena counts, and order in a batch.
#include <gtest/gtest.h>

#include "base/error.h"
#include "runtime/written.h"

namespace edgebin {
namespace {

constexpr std::uint32_t kSide = 64;
constexpr std::size_t kElements = std::size_t{kSide} * kSide;

// An affine of the input, which undoes the 128 of s8.
WrittenNetwork identity(std::uint8_t type) {
  const float zero = type == 2 ? -128.0f : 0.0f;
  WrittenNetwork network = {{kSide, kSide, 1}, {floats({1}, {1}), floats({1}, {zero})}, {}};
  network.version = 3;
  network.input_type = type;
  network.nodes.push_back({"affine", {0}, {{"scale", 0}, {"bias", 1}}, {}});
  return network;
}

TEST(Inputs, OnlySignedBytesAreInTheArena) {
  const auto bytes = Program::load(written(identity(0)), {});
  const auto reals = Program::load(written(identity(1)), {});
  const auto file = written(identity(2));
  const auto signed_bytes = Program::load(file, {});
  EXPECT_EQ(bytes->arena_bytes(), kElements * sizeof(float));
  EXPECT_EQ(reals->arena_bytes(), kElements * sizeof(float));
  EXPECT_EQ(signed_bytes->arena_bytes(), kElements * (1 + sizeof(float)));
  const std::uint64_t less = signed_bytes->arena_bytes() - 1;
  EXPECT_THROW(
      Program::load(file, {.isa = {}, .threads = 1, .pin = false, .max_arena_bytes = less}), Error);
}

TEST(Inputs, ElementsAreTheCallersImageByImage) {
  for (const std::uint8_t type : std::initializer_list<std::uint8_t>{0, 1, 2}) {
    const auto program = Program::load(written(identity(type)), {});
    std::vector<std::byte> elements;
    std::vector<float> expected;
    for (std::size_t i = 0; i < 3 * kElements; ++i) {
      const auto byte = static_cast<std::uint8_t>(i * 37 + i / 256);
      float value = type == 2 ? static_cast<float>(static_cast<std::int8_t>(byte)) : byte;
      if (type == 1) value /= 8;
      expected.push_back(value);
      const auto bytes = std::as_bytes(std::span(&value, 1));
      if (type == 1) elements.insert(elements.end(), bytes.begin(), bytes.end());
      if (type != 1) elements.push_back(std::byte{byte});
    }
    std::vector<float> found(expected.size());
    const std::byte* const inputs[] = {elements.data()};
    float* const outputs[] = {found.data()};
    Session(program).run_batch(inputs, 3, outputs);
    EXPECT_EQ(found, expected) << static_cast<int>(type);
  }
}

TEST(Inputs, AnOutputIsNoInput) {
  WrittenNetwork network = identity(1);
  std::vector<std::byte> file = written(network);
  EXPECT_NO_THROW(Program::load(file, {}));
  network.output = 0;
  file = written(network);
  try {
    Program::load(file, {});
    FAIL() << "took an input for an output";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "output.value");
  }
}

}  // namespace
}  // namespace edgebin
