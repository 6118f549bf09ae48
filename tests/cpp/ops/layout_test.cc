// Bytes of values and allocation of operands, also where addresses have 32 bits.
#include "ops/layout.h"

#include <gtest/gtest.h>

namespace edgebin {
namespace {

TEST(ValueBytes, DoNotWrapWhereAddressesHave32Bits) {
  const Shape large = {1 << 14, 1 << 14, 1};
  EXPECT_EQ(value_bytes({DType::kU8, large}), Bytes{1} << 28);
  EXPECT_EQ(value_bytes({DType::kF32, large}), Bytes{1} << 30);
  EXPECT_EQ(value_bytes({DType::kCode, large}), Bytes{1} << 32);
  EXPECT_EQ(value_bytes({DType::kCode, {1, 1, 65}}), 32u);
}

TEST(MakeOperand, RefusesWhatNoMachineAddresses) {
  EXPECT_THROW(make_operand<float>(std::uint64_t{1} << 62), std::bad_alloc);
  EXPECT_THROW(make_operand<std::uint8_t>(~std::uint64_t{0}), std::bad_alloc);
  if (sizeof(std::size_t) == 4) {
    EXPECT_THROW(make_operand<float>(std::uint64_t{1} << 32), std::bad_alloc);
    EXPECT_THROW(make_operand<std::uint8_t>(std::uint64_t{1} << 31), std::bad_alloc);
  }
}

TEST(MakeOperand, IsOfZerosAtACacheLine) {
  const Operand<float> made = make_operand<float>(3);
  EXPECT_EQ(made, Operand<float>(3, 0.0f));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(made.data()) % kCacheLine, 0u);
}

}  // namespace
}  // namespace edgebin
