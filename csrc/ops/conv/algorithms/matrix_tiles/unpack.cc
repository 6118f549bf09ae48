#include "ops/conv/algorithms/matrix_tiles/unpack.h"

#include <algorithm>

namespace edgebin {

CodeUnpacker::CodeUnpacker(const ConvGeometry& geometry, const MatrixTilesLayout& layout,
                           const kernels::MatrixTiles& tiles)
    : geometry_(geometry), layout_(layout), tiles_(tiles) {}

// Unpacking writes, and joining reads, whole vectors behind the last pixel.
Bytes CodeUnpacker::line_bytes() const {
  if (!layout_.form().joined) return 0;
  return align_up(
      static_cast<Bytes>(line_pixels()) * geometry_.in.c + Bytes{2} * kernels::kTileDepth,
      kCacheLine);
}

void CodeUnpacker::unpack(const Word* codes, int top, int count, std::uint8_t* image,
                          std::uint8_t* line) const noexcept {
  const int first = rows().start(top);
  const int padded = (count - 1) * rows().stride + rows().extent();
  const std::ptrdiff_t row_words = std::ptrdiff_t{2} * plane_words(geometry_.in.c) * geometry_.in.w;
  for (int row = 0; row < padded; ++row) {
    if (row % rows().stride >= layout_.form().row_phases) continue;
    const int y = first + row;
    if (y < 0 || y >= geometry_.in.h) {
      clear_row(row, image);
    } else if (layout_.form().joined) {
      unpack_joined(codes + y * row_words, row, image, line);
    } else {
      unpack_apart(codes + y * row_words, row, image);
    }
  }
}

void CodeUnpacker::clear_row(int row, std::uint8_t* image) const noexcept {
  const std::ptrdiff_t bytes =
      std::ptrdiff_t{layout_.form().pitch + layout_.form().overlap} * layout_.form().row_bytes;
  for (int phase = 0; phase < layout_.form().column_phases; ++phase) {
    std::fill_n(image + layout_.row_offset(row, phase), bytes, std::uint8_t{0});
  }
}

// Position j of a phase is input column j * stride + phase - before.
void CodeUnpacker::unpack_apart(const Word* pixels, int row, std::uint8_t* image) const noexcept {
  const int words = plane_words(geometry_.in.c);
  const int stride = columns().stride;
  const int size = layout_.form().pitch + layout_.form().overlap;
  const std::ptrdiff_t row_bytes = layout_.form().row_bytes;
  for (int phase = 0; phase < layout_.form().column_phases; ++phase) {
    std::uint8_t* const to = image + layout_.row_offset(row, phase);
    const int begin = std::min(ceil_div(std::max(columns().before - phase, 0), stride), size);
    const int x = begin * stride + phase - columns().before;
    const int inside = x < geometry_.in.w ? ceil_div(geometry_.in.w - x, stride) : 0;
    const int end = std::min(begin + inside, size);
    std::fill_n(to, begin * row_bytes, std::uint8_t{0});
    if (begin < end) {
      tiles_.unpack({.codes = pixels + std::ptrdiff_t{x} * 2 * words,
                     .step = std::ptrdiff_t{2} * words * stride,
                     .words = words,
                     .pixels = end - begin,
                     .bytes = to + begin * row_bytes,
                     .byte_step = row_bytes});
    }
    std::fill_n(to + end * row_bytes, (size - end) * row_bytes, std::uint8_t{0});
  }
}

void CodeUnpacker::unpack_joined(const Word* pixels, int row, std::uint8_t* image,
                                 std::uint8_t* line) const noexcept {
  const int words = plane_words(geometry_.in.c);
  const std::ptrdiff_t channels = geometry_.in.c;
  const int size = line_pixels();
  const int begin = std::min(columns().before, size);
  const int end = std::min(begin + geometry_.in.w, size);
  std::fill_n(line, begin * channels, std::uint8_t{0});
  if (begin < end) {
    tiles_.unpack({.codes = pixels,
                   .step = std::ptrdiff_t{2} * words,
                   .words = words,
                   .pixels = end - begin,
                   .bytes = line + begin * channels,
                   .byte_step = channels});
  }
  std::fill_n(line + end * channels, (size - end) * channels, std::uint8_t{0});
  tiles_.join({.line = line,
               .step = columns().stride * channels,
               .length = static_cast<int>(columns().kernel * channels),
               .rows = image + layout_.row_offset(row, 0),
               .row_bytes = layout_.form().row_bytes,
               .count = geometry_.out.w});
}

}  // namespace edgebin
