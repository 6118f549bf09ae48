// Fills the image of MatrixTilesLayout with the codes that a band of output rows reads.
#ifndef EDGEBIN_OPS_CONV_ALGORITHMS_MATRIX_TILES_UNPACK_H_
#define EDGEBIN_OPS_CONV_ALGORITHMS_MATRIX_TILES_UNPACK_H_

#include <cstdint>

#include "ops/conv/algorithms/matrix_tiles/layout.h"

namespace edgebin {

class CodeUnpacker {
 public:
  CodeUnpacker(const ConvGeometry& geometry, const MatrixTilesLayout& layout,
               const kernels::MatrixTiles& tiles);

  Bytes line_bytes() const;  // of work space

  // What output rows top..top + count read, count <= layout.max_rows(). `image` has
  // layout.image_bytes(), `line` has line_bytes().
  void unpack(const Word* codes, int top, int count, std::uint8_t* image,
              std::uint8_t* line) const noexcept;

 private:
  const Axis& rows() const { return geometry_.window.rows; }
  const Axis& columns() const { return geometry_.window.columns; }
  int line_pixels() const { return (geometry_.out.w - 1) * columns().stride + columns().extent(); }
  void clear_row(int row, std::uint8_t* image) const noexcept;
  void unpack_apart(const Word* pixels, int row, std::uint8_t* image) const noexcept;
  void unpack_joined(const Word* pixels, int row, std::uint8_t* image,
                     std::uint8_t* line) const noexcept;

  const ConvGeometry& geometry_;
  const MatrixTilesLayout& layout_;
  const kernels::MatrixTiles& tiles_;
};

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_ALGORITHMS_MATRIX_TILES_UNPACK_H_
