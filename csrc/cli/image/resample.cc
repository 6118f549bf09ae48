// Two passes, with 8-bit pixels between them. A pass along a side whose length does not change is
// skipped, since it would change nothing.
#include "cli/image/resample.h"

#include <algorithm>
#include <cstddef>

#include "cli/image/resample_weights.h"

namespace edgebin::cli {
namespace {

// A range of positions along one axis.
struct Extent {
  int begin;
  int end;

  int size() const { return end - begin; }
};

// The part of `from`..`from` + `length` that lies in 0..size.
Extent inside(int from, int length, int size) {
  const int begin = std::clamp(from, 0, size);
  return {begin, std::max(std::min(from + length, size), begin)};
}

Image blank(int width, int height, int channels) {
  Image image{width, height, channels, {}};
  image.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
                      static_cast<std::size_t>(channels));
  return image;
}

std::uint8_t* at(Image& image, int x, int y) {
  return image.pixels.data() + (std::ptrdiff_t{y} * image.width + x) * image.channels;
}

const std::uint8_t* at(const Image& image, int x, int y) {
  return image.pixels.data() + (std::ptrdiff_t{y} * image.width + x) * image.channels;
}

// A rectangle of an image.
struct View {
  const std::uint8_t* pixels;
  std::ptrdiff_t line;  // bytes from one row to the next
  int width;
  int height;
  int channels;
};

View view_of(const Image& image, const Extent& columns, const Extent& rows) {
  return {at(image, columns.begin, rows.begin), std::ptrdiff_t{image.width} * image.channels,
          columns.size(), rows.size(), image.channels};
}

View view_of(const Image& image) { return view_of(image, {0, image.width}, {0, image.height}); }

// The weighted sum of one channel of the pixels under the kernel, which are `step` bytes apart.
std::uint8_t weighted_sum(const std::uint8_t* pixels, std::ptrdiff_t step, const Weights& kernel) {
  std::int32_t sum = 1 << (kWeightBits - 1);
  for (const std::int32_t weight : kernel.values) {
    sum += *pixels * weight;
    pixels += step;
  }
  return static_cast<std::uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
}

// Resizes along rows; `first` is the first column of the view.
Image resize_rows(const View& from, const std::vector<Weights>& kernels, int first) {
  Image to = blank(static_cast<int>(kernels.size()), from.height, from.channels);
  std::uint8_t* pixel = to.pixels.data();
  for (int y = 0; y < from.height; ++y) {
    const std::uint8_t* const row = from.pixels + y * from.line;
    for (const Weights& kernel : kernels) {
      const std::uint8_t* const left = row + std::ptrdiff_t{kernel.first - first} * from.channels;
      for (int c = 0; c < from.channels; ++c)
        *pixel++ = weighted_sum(left + c, from.channels, kernel);
    }
  }
  return to;
}

// Resizes along columns; `first` is the first row of the view.
Image resize_columns(const View& from, const std::vector<Weights>& kernels, int first) {
  Image to = blank(from.width, static_cast<int>(kernels.size()), from.channels);
  const std::ptrdiff_t bytes = std::ptrdiff_t{from.width} * from.channels;
  std::uint8_t* pixel = to.pixels.data();
  for (const Weights& kernel : kernels) {
    const std::uint8_t* const top = from.pixels + (kernel.first - first) * from.line;
    for (std::ptrdiff_t i = 0; i < bytes; ++i) *pixel++ = weighted_sum(top + i, from.line, kernel);
  }
  return to;
}

Image copy_of(const View& from) {
  Image to = blank(from.width, from.height, from.channels);
  for (int y = 0; y < from.height; ++y) {
    std::copy_n(from.pixels + y * from.line, std::ptrdiff_t{to.width} * to.channels, at(to, 0, y));
  }
  return to;
}

// One axis of a resize: the range of input pixels that it reads, and the weights, which are empty
// if the length does not change.
struct Pass {
  Pass(int in, int out, std::string_view filter, const Extent& out_range) : in_range(out_range) {
    if (in == out) return;
    kernels = weights_of(in, out, filter, out_range.begin, out_range.end);
    in_range = {in, 0};
    for (const Weights& kernel : kernels) {
      in_range.begin = std::min(in_range.begin, kernel.first);
      in_range.end = std::max(in_range.end, kernel.first + static_cast<int>(kernel.values.size()));
    }
  }

  std::vector<Weights> kernels;
  Extent in_range;
};

// Pillow 13 resizes along the columns first if that removes more than twice as many pixels as along
// the rows. Earlier versions always begin with the rows, which gives other bits for such images.
bool columns_come_first(const Image& from, int width, int height) {
  const std::int64_t lost = std::int64_t{from.height} - height;
  return lost > 0 && lost > 2 * (std::int64_t{from.width} - width);
}

Image smooth(const Image& from, int width, int height, std::string_view filter,
             const Extent& columns, const Extent& rows) {
  const Pass along_rows(from.width, width, filter, columns);
  const Pass along_columns(from.height, height, filter, rows);
  const View part = view_of(from, along_rows.in_range, along_columns.in_range);
  const auto rows_of = [&](const View& view) {
    return resize_rows(view, along_rows.kernels, along_rows.in_range.begin);
  };
  const auto columns_of = [&](const View& view) {
    return resize_columns(view, along_columns.kernels, along_columns.in_range.begin);
  };
  if (along_rows.kernels.empty() && along_columns.kernels.empty()) return copy_of(part);
  if (along_columns.kernels.empty()) return rows_of(part);
  if (along_rows.kernels.empty()) return columns_of(part);
  return columns_come_first(from, width, height) ? rows_of(view_of(columns_of(part)))
                                                 : columns_of(view_of(rows_of(part)));
}

Image nearest(const Image& from, int width, int height, const Extent& columns, const Extent& rows) {
  Image to = blank(columns.size(), rows.size(), from.channels);
  const std::vector<int> xs = nearest_of(from.width, width, columns.begin, columns.end);
  std::uint8_t* pixel = to.pixels.data();
  for (const int y : nearest_of(from.height, height, rows.begin, rows.end)) {
    for (const int x : xs) pixel = std::copy_n(at(from, x, y), from.channels, pixel);
  }
  return to;
}

}  // namespace

Image resize(const Image& image, int width, int height, std::string_view filter,
             const Region& region, std::uint8_t fill) {
  const Extent columns = inside(region.left, region.width, width);
  const Extent rows = inside(region.top, region.height, height);
  Image result = blank(region.width, region.height, image.channels);
  std::ranges::fill(result.pixels, fill);
  if (columns.size() == 0 || rows.size() == 0) return result;
  const Image part = filter == "nearest" ? nearest(image, width, height, columns, rows)
                                         : smooth(image, width, height, filter, columns, rows);
  for (int y = 0; y < part.height; ++y) {
    std::copy_n(at(part, 0, y), std::ptrdiff_t{part.width} * part.channels,
                at(result, columns.begin - region.left, rows.begin - region.top + y));
  }
  return result;
}

}  // namespace edgebin::cli
