#include "ops/conv/im2col/interior_windows.h"

#include <algorithm>
#include <cstring>

#include "ops/conv/im2col/im2col.h"

namespace edgebin {
namespace {

// Lines are copied in whole chunks, up to kIm2colSlack - 1 bytes too many, which the following line
// or row overwrites: lines are short, and a memcpy of variable length costs more than it copies.
constexpr std::ptrdiff_t kChunk = kIm2colSlack;

// kChunks is the number of chunks of a line, or 0 for any number.
template <int kChunks>
void copy_lines(const WindowRun& windows, std::byte* rows, std::ptrdiff_t row_bytes) noexcept {
  const auto [first, step, count, lines, line, pitch] = windows;
  const std::ptrdiff_t bytes = kChunks > 0 ? kChunks * kChunk : line;
  for (int i = 0; i < count; ++i) {
    const std::byte* from = first + i * step;
    std::byte* to = rows + i * row_bytes;
    for (int j = 0; j < lines; ++j, from += pitch, to += line) {
      for (std::ptrdiff_t at = 0; at < bytes; at += kChunk) {
        std::memcpy(to + at, from + at, kIm2colSlack);
      }
    }
  }
}

}  // namespace

// Fixed numbers of chunks serve the windows of common first layers.
void copy_windows(const WindowRun& windows, std::byte* rows, std::ptrdiff_t row_bytes) noexcept {
  switch (ceil_div(windows.line, kChunk)) {
    case 1:
      return copy_lines<1>(windows, rows, row_bytes);
    case 2:
      return copy_lines<2>(windows, rows, row_bytes);
    case 3:
      return copy_lines<3>(windows, rows, row_bytes);
    default:
      return copy_lines<0>(windows, rows, row_bytes);
  }
}

InteriorWindows::InteriorWindows(const ConvGeometry& geometry, std::span<const std::byte> input,
                                 std::size_t element_bytes) noexcept
    : geometry_(geometry),
      input_(input),
      rows_(geometry.window.rows.interior(geometry.in.h)),
      columns_(geometry.window.columns.interior(geometry.in.w)),
      pixel_(geometry.in.c * static_cast<std::ptrdiff_t>(element_bytes)),
      line_(geometry.window.columns.kernel * pixel_),
      pitch_(pixel_ * geometry.in.w * geometry.window.rows.dilation),
      contiguous_lines_(geometry.groups == 1 && geometry.window.columns.dilation == 1) {}

WindowRun InteriorWindows::at(int pixel, int max_count) const noexcept {
  const auto& [rows, columns] = geometry_.window;
  const int oy = pixel / geometry_.out.w;
  const int ox = pixel % geometry_.out.w;
  if (!contiguous_lines_ || oy < rows_.begin || oy >= rows_.end || ox < columns_.begin) return {};
  const std::ptrdiff_t first =
      (std::ptrdiff_t{rows.start(oy)} * geometry_.in.w + columns.start(ox)) * pixel_;
  const std::ptrdiff_t read_end =  // behind the last byte that the first window reads
      first + (rows.kernel - 1) * pitch_ + align_up(line_, kChunk);
  const std::ptrdiff_t step = columns.stride * pixel_;
  const auto bytes = static_cast<std::ptrdiff_t>(input_.size());
  const std::ptrdiff_t readable = read_end > bytes ? 0 : (bytes - read_end) / step + 1;
  const auto count = std::min<std::ptrdiff_t>({readable, columns_.end - ox, max_count});
  return {.from = input_.data() + first,
          .step = step,
          .count = static_cast<int>(count),
          .lines = rows.kernel,
          .line = line_,
          .pitch = pitch_};
}

}  // namespace edgebin
