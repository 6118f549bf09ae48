#include "ops/patches.h"

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

}  // namespace

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
