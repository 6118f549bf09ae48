#include "ops/conv/im2col/im2col.h"

#include <algorithm>

#include "ops/conv/im2col/interior_windows.h"

namespace edgebin {
namespace {

// Spreads eight bits: bit i becomes the lowest bit of byte i. The product has copies of the lower
// seven bits, 7 positions apart, so that bit i of copy i lies at 8 i. Bit 7 is moved by itself: it
// would collide with bit 0 of the next copy.
constexpr std::uint64_t spread(std::uint64_t bits) {
  return ((bits & 0x7f) * 0x0002040810204081 & 0x0101010101010101) | bits >> 7 << 56;
}

// Calls copy(input pixel, index of the tap in the window) for each tap inside the image.
template <class Copy>
void for_each_tap(const ConvGeometry& geometry, int pixel, const Copy& copy) {
  const auto& [rows, columns] = geometry.window;
  const int oy = pixel / geometry.out.w;
  const int ox = pixel % geometry.out.w;
  const Taps y = rows.inside(oy, geometry.in.h);
  const Taps x = columns.inside(ox, geometry.in.w);
  for (int ky = y.begin; ky < y.end; ++ky) {
    const int from = (rows.start(oy) + ky * rows.dilation) * geometry.in.w + columns.start(ox);
    for (int kx = x.begin; kx < x.end; ++kx) {
      copy(from + kx * columns.dilation, ky * columns.kernel + kx);
    }
  }
}

// Fills row[0..depth) of output pixel `pixel`. copy(input_pixel, taps, to) writes the group's
// channels of `taps` neighbouring input pixels.
template <class T, class Copy>
void fill_row(const ConvGeometry& geometry, int pixel, T* row, const Copy& copy) {
  const Axis& rows = geometry.window.rows;
  const Axis& columns = geometry.window.columns;
  const int oy = pixel / geometry.out.w;
  const int ox = pixel % geometry.out.w;
  const Taps y = rows.inside(oy, geometry.in.h);
  const Taps x = columns.inside(ox, geometry.in.w);
  const std::ptrdiff_t channels = geometry.group_in();
  const std::ptrdiff_t line = columns.kernel * channels;
  std::fill_n(row, rows.kernel * line, T{});
  if (x.begin >= x.end) return;
  for (int ky = y.begin; ky < y.end; ++ky) {
    T* const to = row + ky * line;
    const int from = (rows.start(oy) + ky * rows.dilation) * geometry.in.w + columns.start(ox);
    if (columns.dilation == 1) {
      copy(from + x.begin, x.end - x.begin, to + x.begin * channels);
    } else {
      for (int kx = x.begin; kx < x.end; ++kx) {
        copy(from + kx * columns.dilation, 1, to + kx * channels);
      }
    }
  }
}

template <class T>
void im2col_pixel(const ConvGeometry& geometry, const T* input, int pixel, int group, T* row) {
  const std::ptrdiff_t channels = geometry.group_in();
  const T* const first = input + group * channels;
  fill_row(geometry, pixel, row, [&](std::ptrdiff_t from, int taps, T* to) {
    const T* at = first + from * geometry.in.c;
    if (geometry.groups == 1) {
      std::copy_n(at, taps * channels, to);
      return;
    }
    for (int i = 0; i < taps; ++i, at += geometry.in.c, to += channels) {
      std::copy_n(at, channels, to);
    }
  });
}

}  // namespace

template <class T>
void im2col_elements(const ConvGeometry& geometry, std::span<const std::byte> input, int pixel,
                     int pixels, int group, T* rows, int row_size) noexcept {
  const InteriorWindows interior(geometry, input, sizeof(T));
  const std::ptrdiff_t row_bytes = row_size * std::ptrdiff_t{sizeof(T)};
  for (int i = 0; i < pixels;) {
    T* const to = rows + std::ptrdiff_t{i} * row_size;
    const WindowRun windows = interior.at(pixel + i, pixels - i);
    if (windows.count > 0) {
      copy_windows(windows, reinterpret_cast<std::byte*>(to), row_bytes);
      i += windows.count;
    } else {
      im2col_pixel(geometry, elements_of<T>(input), pixel + i, group, to);
      ++i;
    }
  }
}

template void im2col_elements(const ConvGeometry&, std::span<const std::byte>, int, int, int,
                              std::uint8_t*, int) noexcept;
template void im2col_elements(const ConvGeometry&, std::span<const std::byte>, int, int, int,
                              float*, int) noexcept;

void im2col_planes(const ConvGeometry& geometry, const Word* input, int pixel, int group, int words,
                   Word* row) noexcept {
  const int channels = geometry.group_in();
  const int plane = plane_words(geometry.in.c);
  Word* const low = row;
  Word* const high = row + words;
  std::fill_n(row, 2 * std::ptrdiff_t{words}, Word{0});
  if (channels % kernels::kWordBits == 0) {
    const std::ptrdiff_t run = channels / kernels::kWordBits;
    for_each_tap(geometry, pixel, [&](int from, int tap) {
      const Word* const codes = planes_of(input, from, geometry.in.c) + group * run;
      std::copy_n(codes, run, low + tap * run);
      std::copy_n(codes + plane, run, high + tap * run);
    });
    return;
  }
  const auto count = static_cast<std::size_t>(channels);
  for_each_tap(geometry, pixel, [&](int from, int tap) {
    const Word* const codes = planes_of(input, from, geometry.in.c);
    copy_bits(low, tap * count, codes, group * count, count);
    copy_bits(high, tap * count, codes + plane, group * count, count);
  });
}

void im2col_code_bytes(const ConvGeometry& geometry, const Word* input, int pixel, int group,
                       std::uint8_t* row) noexcept {
  const int channels = geometry.group_in();
  const int plane = plane_words(geometry.in.c);
  fill_row(geometry, pixel, row, [&](int from, int taps, std::uint8_t* to) {
    for (int i = 0; i < taps; ++i, to += channels) {
      const Word* const codes = planes_of(input, from + i, geometry.in.c);
      expand_codes(codes, codes + plane, group * channels, channels, to);
    }
  });
}

void expand_codes(const Word* low, const Word* high, int first, int count,
                  std::uint8_t* codes) noexcept {
  const auto bits_at = [](const Word* plane, int at) {
    return plane[at / kernels::kWordBits] >> (at % kernels::kWordBits);
  };
  int i = 0;
  if (first % 8 == 0) {
    for (; i + 8 <= count; i += 8) {
      const std::uint64_t bytes =
          spread(bits_at(low, first + i) & 0xff) | spread(bits_at(high, first + i) & 0xff) << 1;
      for (int j = 0; j < 8; ++j) codes[i + j] = static_cast<std::uint8_t>(bytes >> (8 * j));
    }
  }
  for (; i < count; ++i) {
    codes[i] = static_cast<std::uint8_t>((bits_at(low, first + i) & 1) |
                                         (bits_at(high, first + i) & 1) << 1);
  }
}

}  // namespace edgebin
