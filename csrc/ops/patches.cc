#include "ops/patches.h"

#include <algorithm>
#include <cstring>

namespace edgebin {
namespace {

// Bit i of `bits` becomes the lowest bit of byte i. The product puts copies of the lower seven bits
// 7 apart, so that bit i of copy i lies at 8 i; bit 7 would collide with bit 0 of the next copy.
constexpr std::uint64_t spread(std::uint64_t bits) {
  return ((bits & 0x7f) * 0x0002040810204081 & 0x0101010101010101) | bits >> 7 << 56;
}

// Calls copy(input pixel, position of the tap in the window) for each tap inside the picture.
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

// Fills row[0..depth) of output pixel `pixel`. `copy(input_pixel, taps, to)` writes the group's
// channels of `taps` input pixels that lie side by side.
template <class T, class Copy>
void gather_row(const ConvGeometry& geometry, int pixel, T* row, const Copy& copy) {
  const Axis& rows = geometry.window.rows;
  const Axis& columns = geometry.window.columns;
  const int oy = pixel / geometry.out.w;
  const int ox = pixel % geometry.out.w;
  const Taps y = rows.inside(oy, geometry.in.h);
  const Taps x = columns.inside(ox, geometry.in.w);
  const std::ptrdiff_t channels = geometry.group_in();
  const std::ptrdiff_t line = columns.kernel * channels;
  std::fill(row, row + y.begin * line, T{});
  for (int ky = y.begin; ky < y.end; ++ky) {
    T* const to = row + ky * line;
    const int from = (rows.start(oy) + ky * rows.dilation) * geometry.in.w + columns.start(ox);
    std::fill(to, to + x.begin * channels, T{});
    if (columns.dilation == 1) {
      if (x.begin < x.end) copy(from + x.begin, x.end - x.begin, to + x.begin * channels);
    } else {
      for (int kx = x.begin; kx < x.end; ++kx) {
        copy(from + kx * columns.dilation, 1, to + kx * channels);
      }
    }
    std::fill(to + x.end * channels, to + line, T{});
  }
  std::fill(row + y.end * line, row + rows.kernel * line, T{});
}

template <class T>
void gather_pixel(const ConvGeometry& geometry, const T* input, int pixel, int group, T* row) {
  const std::ptrdiff_t channels = geometry.group_in();
  const T* const first = input + group * channels;
  gather_row(geometry, pixel, row, [&](std::ptrdiff_t from, int taps, T* to) {
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

// Copies whole chunks: up to kGatherSlack - 1 bytes more than asked for. Lines of a window are
// short, and a memcpy of variable length costs more than it moves.
struct Lines {
  int count;
  std::ptrdiff_t bytes;  // of a line
  std::ptrdiff_t pitch;  // from one line of the picture to the next
};

// The number of chunks of a line; any number where that is 0.
template <int kChunks>
void copy_lines(const Lines& lines, const std::byte* from, std::byte* to) {
  constexpr auto kBytes = static_cast<std::ptrdiff_t>(kChunks * kGatherSlack);
  for (int i = 0; i < lines.count; ++i, from += lines.pitch, to += lines.bytes) {
    for (std::ptrdiff_t at = 0; at < (kChunks > 0 ? kBytes : lines.bytes); at += kGatherSlack) {
      std::memcpy(to + at, from + at, kGatherSlack);
    }
  }
}

using CopyLines = void (*)(const Lines& lines, const std::byte* from, std::byte* to);

// Fixed numbers of chunks serve the windows of common first layers.
CopyLines copy_of(const Lines& lines) {
  constexpr CopyLines kCopies[] = {copy_lines<0>, copy_lines<1>, copy_lines<2>, copy_lines<3>};
  const auto chunks = ceil_div(lines.bytes, static_cast<std::ptrdiff_t>(kGatherSlack));
  return kCopies[chunks <= 3 ? chunks : 0];
}

// The output positions of an axis whose windows lie inside the picture whole.
struct Interior {
  Interior(const Axis& axis, int size)
      : begin(ceil_div(axis.before, axis.stride)),
        end(Axis{axis.kernel, axis.stride, axis.dilation, axis.before, 0}.output(size)) {}

  bool holds(int position) const { return position >= begin && position < end; }

  int begin;
  int end;
};

}  // namespace

template <class T>
void gather_elements(const ConvGeometry& geometry, std::span<const std::byte> input, int pixel,
                     int pixels, int group, T* patches, int patch_size) noexcept {
  const auto& [rows, columns] = geometry.window;
  const Interior inside_rows(rows, geometry.in.h);
  const Interior inside_columns(columns, geometry.in.w);
  const std::ptrdiff_t size = geometry.in.c * std::ptrdiff_t{sizeof(T)};  // of a pixel, in bytes
  const Lines lines = {rows.kernel, columns.kernel * size, size * geometry.in.w * rows.dilation};
  const CopyLines copy = copy_of(lines);
  const bool in_lines = geometry.groups == 1 && columns.dilation == 1;
  int oy = pixel / geometry.out.w;
  int ox = pixel % geometry.out.w;
  for (int i = 0; i < pixels; ++i, patches += patch_size) {
    const std::ptrdiff_t at =
        (std::ptrdiff_t{rows.start(oy)} * geometry.in.w + columns.start(ox)) * size;
    const std::ptrdiff_t end = at + (rows.kernel - 1) * lines.pitch +
                               align_up(lines.bytes, static_cast<std::ptrdiff_t>(kGatherSlack));
    if (in_lines && inside_rows.holds(oy) && inside_columns.holds(ox) &&
        end <= static_cast<std::ptrdiff_t>(input.size())) {
      copy(lines, input.data() + at, reinterpret_cast<std::byte*>(patches));
    } else {
      gather_pixel(geometry, elements_of<T>(input), pixel + i, group, patches);
    }
    for (int k = geometry.depth(); k < patch_size; ++k) patches[k] = T{};
    if (++ox == geometry.out.w) {
      ox = 0;
      ++oy;
    }
  }
}

template void gather_elements(const ConvGeometry&, std::span<const std::byte>, int, int, int,
                              std::uint8_t*, int) noexcept;
template void gather_elements(const ConvGeometry&, std::span<const std::byte>, int, int, int,
                              float*, int) noexcept;

void gather_codes(const ConvGeometry& geometry, const Word* input, int pixel, int group, int words,
                  Word* patch) noexcept {
  const int channels = geometry.group_in();
  const int plane = plane_words(geometry.in.c);
  Word* const low = patch;
  Word* const high = patch + words;
  std::fill_n(patch, 2 * std::ptrdiff_t{words}, Word{0});
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

void gather_code_bytes(const ConvGeometry& geometry, const Word* input, int pixel, int group,
                       std::uint8_t* row) noexcept {
  const int channels = geometry.group_in();
  const int plane = plane_words(geometry.in.c);
  gather_row(geometry, pixel, row, [&](int from, int taps, std::uint8_t* to) {
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
