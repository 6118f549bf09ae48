// Packed weights against the formula of their layout.
#include "ops/conv/algorithms/pack.h"

#include <gtest/gtest.h>

namespace edgebin {
namespace {

struct Case {
  int groups;
  int group_out;
  int depth;
  WeightTile tile;
};

float weight(int channel, int k) { return static_cast<float>(1 + 100 * channel + k); }

void expect_layout(const Case& c) {
  ConvGeometry geometry;
  geometry.groups = c.groups;
  geometry.out.c = c.groups * c.group_out;
  const PackedWeights<float> packed(geometry, c.depth, c.tile, [&](int n, std::span<float> row) {
    for (int k = 0; k < c.depth; ++k) row[static_cast<std::size_t>(k)] = weight(n, k);
  });
  const auto& [tile, unit] = c.tile;
  EXPECT_EQ(packed.depth(), align_up(c.depth, unit));
  for (int group = 0; group < c.groups; ++group) {
    for (int n = 0; n < align_up(c.group_out, tile); ++n) {
      const float* const of_tile = packed.at(group, n / tile * tile);
      for (int k = 0; k < packed.depth(); ++k) {
        const bool padding = n >= c.group_out || k >= c.depth;
        EXPECT_EQ(of_tile[(k / unit * tile + n % tile) * unit + k % unit],
                  padding ? 0.0f : weight(group * c.group_out + n, k))
            << "group " << group << ", channel " << n << ", element " << k;
      }
    }
  }
}

TEST(PackedWeights, AreLaidOutByGroupTileUnit) {
  expect_layout({1, 4, 3, {4, 1}});
  expect_layout({1, 5, 3, {4, 1}});
  expect_layout({3, 5, 6, {4, 4}});
  expect_layout({2, 1, 1, {16, 16}});
}

TEST(PackedWeights, TakeNoMoreThanTheBound) {
  ConvGeometry geometry;
  geometry.groups = 3;
  geometry.out.c = 15;
  const WeightTile largest = {16, 8};
  // Of the largest tile it is the size itself; of smaller ones an upper bound.
  EXPECT_EQ(packed_weights_bound<float>(geometry, 6, largest), Bytes{3 * 16 * 8 * 4});
}

}  // namespace
}  // namespace edgebin
