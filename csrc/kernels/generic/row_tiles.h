// Rows in tiles: a kernel computes a few rows (output pixels) at a time, which share the loads of
// the weights, and the rows that are left over in one smaller tile.
//
//   for_row_tiles<4>(pixels, [&]<int kPixels>(int p) { tile<kPixels>(..); });
//
// calls the function with tiles of 4 rows from p on, then, if need be, with one of 3, 2 or 1.
#ifndef EDGEBIN_KERNELS_GENERIC_ROW_TILES_H_
#define EDGEBIN_KERNELS_GENERIC_ROW_TILES_H_

namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE {
namespace {

template <int kRows, class Tile>
inline void last_row_tile(int left, int p, const Tile& tile) {
  if constexpr (kRows > 0) {
    if (left == kRows) return tile.template operator()<kRows>(p);
    last_row_tile<kRows - 1>(left, p, tile);
  }
}

template <int kRows, class Tile>
inline void for_row_tiles(int pixels, const Tile& tile) {
  int p = 0;
  for (; p + kRows <= pixels; p += kRows) tile.template operator()<kRows>(p);
  last_row_tile<kRows - 1>(pixels - p, p, tile);
}

}  // namespace
}  // namespace edgebin::kernels::EDGEBIN_ISA_NAMESPACE

#endif  // EDGEBIN_KERNELS_GENERIC_ROW_TILES_H_
