// Two passes, with 8-bit pixels between them. A pass whose side stays as it is is left out, which
// differs from running it only in time.
#include "cli/image/resample.h"

#include <algorithm>
#include <cstddef>

#include "cli/image/resample_weights.h"

namespace edgebin::cli {
namespace {

// A part of an axis.
struct Extent {
  int begin;
  int end;

  int size() const { return end - begin; }
};

// What of `from`..`from` + `length` lies in 0..size.
Extent inside(int from, int length, int size) {
  const int begin = std::clamp(from, 0, size);
  return {begin, std::max(std::min(from + length, size), begin)};
}

Picture blank(int width, int height, int channels) {
  Picture picture{width, height, channels, {}};
  picture.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
                        static_cast<std::size_t>(channels));
  return picture;
}

std::uint8_t* at(Picture& picture, int x, int y) {
  return picture.pixels.data() + (std::ptrdiff_t{y} * picture.width + x) * picture.channels;
}

const std::uint8_t* at(const Picture& picture, int x, int y) {
  return picture.pixels.data() + (std::ptrdiff_t{y} * picture.width + x) * picture.channels;
}

// A rectangle of a picture.
struct View {
  const std::uint8_t* pixels;
  std::ptrdiff_t line;  // bytes from one row to the next
  int width;
  int height;
  int channels;
};

View view_of(const Picture& picture, const Extent& columns, const Extent& rows) {
  return {at(picture, columns.begin, rows.begin), std::ptrdiff_t{picture.width} * picture.channels,
          columns.size(), rows.size(), picture.channels};
}

View view_of(const Picture& picture) {
  return view_of(picture, {0, picture.width}, {0, picture.height});
}

// One channel of the pixels that are seen, `step` bytes apart.
std::uint8_t weighed(const std::uint8_t* pixels, std::ptrdiff_t step, const Seen& seen) {
  std::int32_t sum = 1 << (kWeightBits - 1);
  for (const std::int32_t weight : seen.weights) {
    sum += *pixels * weight;
    pixels += step;
  }
  return static_cast<std::uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
}

// Along rows; `first` is the column that the view begins with.
Picture resize_rows(const View& from, const std::vector<Seen>& all, int first) {
  Picture to = blank(static_cast<int>(all.size()), from.height, from.channels);
  std::uint8_t* pixel = to.pixels.data();
  for (int y = 0; y < from.height; ++y) {
    const std::uint8_t* const row = from.pixels + y * from.line;
    for (const Seen& seen : all) {
      const std::uint8_t* const left = row + std::ptrdiff_t{seen.first - first} * from.channels;
      for (int c = 0; c < from.channels; ++c) *pixel++ = weighed(left + c, from.channels, seen);
    }
  }
  return to;
}

// Along columns; `first` is the row that the view begins with.
Picture resize_columns(const View& from, const std::vector<Seen>& all, int first) {
  Picture to = blank(from.width, static_cast<int>(all.size()), from.channels);
  const std::ptrdiff_t bytes = std::ptrdiff_t{from.width} * from.channels;
  std::uint8_t* pixel = to.pixels.data();
  for (const Seen& seen : all) {
    const std::uint8_t* const top = from.pixels + (seen.first - first) * from.line;
    for (std::ptrdiff_t i = 0; i < bytes; ++i) *pixel++ = weighed(top + i, from.line, seen);
  }
  return to;
}

Picture copy_of(const View& from) {
  Picture to = blank(from.width, from.height, from.channels);
  for (int y = 0; y < from.height; ++y) {
    std::copy_n(from.pixels + y * from.line, std::ptrdiff_t{to.width} * to.channels, at(to, 0, y));
  }
  return to;
}

// One axis of a resize: which part of the input it sees, and the weights, none where the side
// stays.
struct Pass {
  Pass(int in, int out, std::string_view filter, const Extent& wanted) : seen(wanted) {
    if (in == out) return;
    weights = weights_of(in, out, filter, wanted.begin, wanted.end);
    seen = {in, 0};
    for (const Seen& one : weights) {
      seen.begin = std::min(seen.begin, one.first);
      seen.end = std::max(seen.end, one.first + static_cast<int>(one.weights.size()));
    }
  }

  std::vector<Seen> weights;
  Extent seen;
};

// Pillow 13 begins with the columns where they lose more than twice as many pixels as the rows do.
// Versions before it begin with the rows always, which gives other bits in the pictures concerned.
bool columns_come_first(const Picture& from, int width, int height) {
  const std::int64_t lost = std::int64_t{from.height} - height;
  return lost > 0 && lost > 2 * (std::int64_t{from.width} - width);
}

Picture smooth(const Picture& from, int width, int height, std::string_view filter,
               const Extent& columns, const Extent& rows) {
  const Pass along_rows(from.width, width, filter, columns);
  const Pass along_columns(from.height, height, filter, rows);
  const View part = view_of(from, along_rows.seen, along_columns.seen);
  const auto rows_of = [&](const View& view) {
    return resize_rows(view, along_rows.weights, along_rows.seen.begin);
  };
  const auto columns_of = [&](const View& view) {
    return resize_columns(view, along_columns.weights, along_columns.seen.begin);
  };
  if (along_rows.weights.empty() && along_columns.weights.empty()) return copy_of(part);
  if (along_columns.weights.empty()) return rows_of(part);
  if (along_rows.weights.empty()) return columns_of(part);
  return columns_come_first(from, width, height) ? rows_of(view_of(columns_of(part)))
                                                 : columns_of(view_of(rows_of(part)));
}

Picture nearest(const Picture& from, int width, int height, const Extent& columns,
                const Extent& rows) {
  Picture to = blank(columns.size(), rows.size(), from.channels);
  const std::vector<int> xs = nearest_of(from.width, width, columns.begin, columns.end);
  std::uint8_t* pixel = to.pixels.data();
  for (const int y : nearest_of(from.height, height, rows.begin, rows.end)) {
    for (const int x : xs) pixel = std::copy_n(at(from, x, y), from.channels, pixel);
  }
  return to;
}

}  // namespace

Picture resize(const Picture& picture, int width, int height, std::string_view filter,
               const Region& region) {
  const Extent columns = inside(region.left, region.width, width);
  const Extent rows = inside(region.top, region.height, height);
  Picture result = blank(region.width, region.height, picture.channels);
  if (columns.size() == 0 || rows.size() == 0) return result;
  const Picture part = filter == "nearest" ? nearest(picture, width, height, columns, rows)
                                           : smooth(picture, width, height, filter, columns, rows);
  for (int y = 0; y < part.height; ++y) {
    std::copy_n(at(part, 0, y), std::ptrdiff_t{part.width} * part.channels,
                at(result, columns.begin - region.left, rows.begin - region.top + y));
  }
  return result;
}

}  // namespace edgebin::cli
