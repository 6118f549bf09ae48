// The layout of convolutions by matrix tiles: its form, the memory that it takes, and the bound of
// its packed weights, which every machine counts with.
#include "ops/conv/algorithms/matrix_tiles/layout.h"

#include <gtest/gtest.h>

#include <vector>

#include "ops/conv/algorithms/algorithms.h"

namespace edgebin {
namespace {

ConvGeometry geometry_of(int side, int in, int out, int kernel, int stride) {
  ConvGeometry geometry;
  const Axis axis = {.kernel = kernel, .stride = stride, .before = kernel / 2, .after = kernel / 2};
  geometry.in = {side, side, in};
  geometry.window = {axis, axis};
  geometry.out = {axis.output(side), axis.output(side), out};
  return geometry;
}

TEST(MatrixTilesLayout, JoinsTheTapsOfFewChannels) {
  const MatrixTilesLayout joined(geometry_of(32, 16, 16, 3, 1));
  EXPECT_TRUE(joined.form().joined);
  EXPECT_EQ(joined.form().row_bytes, 64);  // 48 of three taps
  EXPECT_EQ(joined.form().pitch, 32);
  EXPECT_EQ(joined.steps(), 3);
  const MatrixTilesLayout apart(geometry_of(56, 64, 64, 3, 1));
  EXPECT_FALSE(apart.form().joined);
  EXPECT_EQ(apart.form().pitch, 57);  // one column of zeros between rows
  EXPECT_EQ(apart.steps(), 9);
}

TEST(MatrixTilesLayout, KeepsThePhasesThatWindowsRead) {
  const MatrixTilesLayout window(geometry_of(56, 64, 128, 3, 2));
  EXPECT_EQ(window.form().row_phases * window.form().column_phases, 4);
  const MatrixTilesLayout single(geometry_of(56, 64, 128, 1, 2));
  EXPECT_EQ(single.form().row_phases * single.form().column_phases, 1);
  EXPECT_EQ(single.form().pitch, 28);
}

TEST(MatrixTilesLayout, DividesLargeImagesIntoBands) {
  const MatrixTilesLayout small(geometry_of(14, 256, 256, 3, 1));
  EXPECT_EQ(small.max_rows(), 14);
  const MatrixTilesLayout large(geometry_of(224, 64, 64, 3, 1));
  EXPECT_LT(large.max_rows(), 224);
  for (const MatrixTilesLayout* const layout : {&small, &large}) {
    EXPECT_LE(layout->image_bytes(), Bytes{128} * 1024);
  }
}

TEST(MatrixTilesLayout, SuitsWhatFitsACacheAndSixteenBits) {
  EXPECT_TRUE(suits_matrix_tiles(geometry_of(56, 64, 64, 3, 1)));
  EXPECT_TRUE(suits_matrix_tiles(geometry_of(7, 1213, 64, 3, 1)));   // 10,917 weights a channel
  EXPECT_FALSE(suits_matrix_tiles(geometry_of(7, 1214, 64, 3, 1)));  // 10,926
  EXPECT_FALSE(suits_matrix_tiles(geometry_of(4000, 512, 64, 3, 1)));
  ConvGeometry grouped = geometry_of(56, 64, 64, 3, 1);
  grouped.groups = 2;
  EXPECT_FALSE(suits_matrix_tiles(grouped));
}

TEST(MatrixTilesLayout, PacksNoMoreThanItsBound) {
  for (const int in : {1, 3, 16, 48, 64, 65, 200}) {
    for (const int out : {1, 16, 33, 64}) {
      for (const int kernel : {1, 3, 5}) {
        const ConvGeometry geometry = geometry_of(8, in, out, kernel, 1);
        const int row_bytes = ceil_div(geometry.depth(), 8);
        const std::vector<std::byte> bytes(static_cast<std::size_t>(out) * row_bytes);
        const Constant weights = {ConstantType::kBit, 4, {out, kernel, kernel, in}, bytes};
        EXPECT_EQ(MatrixTilesLayout(geometry).pack(weights).size(),
                  matrix_tiles_packed_bound(geometry))
            << in << " -> " << out << ", kernel " << kernel;
      }
    }
  }
}

}  // namespace
}  // namespace edgebin
