// How a convolution by matrix tiles lays out its operands: codes as bytes, in an image in which the
// taps of a window lie at constant distances from each other, and weights as bits in the order in
// which the steps of the product read them.
//
// Output pixel (y, x) is position y * pitch + x of the image. The positions between the last pixel
// of an output row and the first of the next are computed and dropped. There are two forms:
//
//   taps apart   A position has the channels of one input pixel. With strides, pixels are sorted by
//                the phases of their row and column, so that neighbouring outputs read neighbouring
//                positions. The zeros right of a row are those left of the next.
//   taps joined  A position has the channels of all taps of a window row: where few channels would
//                leave most of a step unused, or windows would leave positions unused.
#ifndef EDGEBIN_OPS_CONV_ALGORITHMS_MATRIX_TILES_LAYOUT_H_
#define EDGEBIN_OPS_CONV_ALGORITHMS_MATRIX_TILES_LAYOUT_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ops/conv/geometry.h"
#include "ops/layout.h"

namespace edgebin {

// The form of the image.
struct TileImageForm {
  bool joined;
  int row_bytes;      // of a position, a multiple of kTileDepth
  int row_phases;     // that windows read: the first ones
  int column_phases;  // of those that windows read
  int pitch;
  int overlap;  // positions that a row shares with the next
};

class MatrixTilesLayout {
 public:
  explicit MatrixTilesLayout(const ConvGeometry& geometry);

  const TileImageForm& form() const { return form_; }
  int steps() const { return static_cast<int>(offsets_.size()); }

  // Bytes from a position to what each step multiplies.
  const std::ptrdiff_t* offsets() const { return offsets_.data(); }

  // Output rows of a band, and the bytes of an image of one. An image of a single row may be large.
  int max_rows() const { return max_rows_; }
  Bytes image_bytes() const { return image_bytes_; }

  // Bytes from the image's start to a row of the band's padded input, numbered from its first, in a
  // phase of columns.
  std::ptrdiff_t row_offset(int row, int column_phase) const;

  // Packs the weights as MatrixTilesTask takes them; those of channel n, a multiple of
  // kTileChannels, begin at weights_offset(n).
  Operand<std::uint8_t> pack(const Constant& weights) const;
  std::ptrdiff_t weights_offset(int channel) const;

 private:
  const Axis& rows() const { return geometry_.window.rows; }
  const Axis& columns() const { return geometry_.window.columns; }
  void place_steps();

  ConvGeometry geometry_;
  TileImageForm form_;
  int max_rows_;
  std::ptrdiff_t phase_bytes_;  // of a phase's part of the image
  Bytes image_bytes_;
  std::vector<std::ptrdiff_t> offsets_;
};

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_ALGORITHMS_MATRIX_TILES_LAYOUT_H_
