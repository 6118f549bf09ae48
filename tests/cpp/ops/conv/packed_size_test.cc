// No instruction set of this machine pads more than packed_size_bound() counts.
#include "ops/conv/packed_size.h"

#include <gtest/gtest.h>

#include "kernels/dispatch.h"
#include "ops/conv/algorithms/lookup_layout.h"
#include "ops/conv/algorithms/pack.h"

namespace edgebin {
namespace {

TEST(PackedSizeBound, CountsTheLargestTiles) {
  EXPECT_EQ(kMaxBitSerialTile.unit, 1);
  EXPECT_EQ(kMaxF32Tile.unit, 1);
  for (const kernels::Kernels& kernels : kernels::available()) {
    EXPECT_LE(kernels.f32_tile, kMaxF32Tile.channels) << kernels.isa;
    EXPECT_LE(kernels.u8s8_tile, kMaxU8s8Tile.channels) << kernels.isa;
    EXPECT_LE(kernels.u8s8_unit, kMaxU8s8Tile.unit) << kernels.isa;
    EXPECT_LE(kernels.bit_serial_tile, kMaxBitSerialTile.channels) << kernels.isa;
    for (int i = 0; i < kernels.lookup_count; ++i) {
      EXPECT_LE(kernels.lookups[i].tile, kMaxLookupTile) << kernels.isa;
      EXPECT_GE(kernels.lookups[i].group, kMinLookupGroup) << kernels.isa;
    }
  }
}

ConvSpec spec_of(DType input, const Constant& weights, int groups) {
  ConvSpec spec;
  spec.input = input;
  spec.weights = &weights;
  spec.geometry.groups = groups;
  spec.geometry.in = {4, 4, weights.dims[3] * groups};
  spec.geometry.out = {4, 4, weights.dims[0]};
  spec.geometry.window.rows.kernel = weights.dims[1];
  spec.geometry.window.columns.kernel = weights.dims[2];
  return spec;
}

TEST(PackedSizeBound, PadsSmallGroups) {
  const Constant weights = {ConstantType::kBit, 4, {1000, 1, 1, 2}, {}};
  const Bytes biases = 2 * 4 * 1000;
  EXPECT_EQ(packed_size_bound(spec_of(DType::kCode, weights, 1000)), 1000 * 16 * 8 + biases);
  EXPECT_EQ(packed_size_bound(spec_of(DType::kF32, weights, 1000)), 1000 * 64 * 2 * 4 + biases);
  EXPECT_EQ(packed_size_bound(spec_of(DType::kF32, weights, 1)), 1024 * 2 * 4 + biases);
  const Constant depthwise = {ConstantType::kBit, 4, {1000, 3, 3, 1}, {}};
  EXPECT_EQ(packed_size_bound(spec_of(DType::kF32, depthwise, 1000)), 1000 * 9 * 4 + biases);
  EXPECT_EQ(packed_size_bound(spec_of(DType::kU8, depthwise, 1000)), 1000 * 16 * 16 + biases);
  EXPECT_EQ(packed_size_bound(spec_of(DType::kCode, depthwise, 1000)), 1008 * 9 + biases);
  const Constant bytes = {ConstantType::kS8, 4, {1000, 3, 3, 1}, {}};
  EXPECT_EQ(packed_size_bound(spec_of(DType::kCode, bytes, 1000)), 1008 * 9 * 2 + biases);
}

// Of a u8 input each class of positions has its own biases, and is itself kept.
TEST(PackedSizeBound, CountsBorders) {
  const Constant weights = {ConstantType::kBit, 4, {1, 3, 1, 1}, {}};
  const Constant zero = {ConstantType::kI32, 1, {1, 1, 1, 1}, {}};
  ConvSpec spec = spec_of(DType::kU8, weights, 1);
  spec.zero = &zero;
  spec.geometry.window.rows.before = 1;
  spec.geometry.window.rows.after = 1;  // classes: 3 of rows, 1 of columns
  EXPECT_EQ(packed_size_bound(spec), 16 * 16 + 3 * 2 * 4 + 3 * (3 + 1) * 12);
}

// 2^31 rows, or rows of 2^22 elements: no sum wraps.
TEST(PackedSizeBound, DoesNotWrapForTheLargestLayers) {
  const Constant weights = {ConstantType::kBit, 4, {1 << 24, 1, 1, 2}, {}};
  EXPECT_GT(packed_size_bound(spec_of(DType::kF32, weights, 1 << 24)), Bytes{1} << 32);
}

}  // namespace
}  // namespace edgebin
