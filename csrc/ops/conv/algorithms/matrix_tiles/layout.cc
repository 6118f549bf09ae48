#include "ops/conv/algorithms/matrix_tiles/layout.h"

#include <algorithm>
#include <cmath>

#include "ops/constants.h"
#include "ops/conv/algorithms/algorithms.h"

namespace edgebin {
namespace {

using kernels::kTileBits;
using kernels::kTileChannels;
using kernels::kTileDepth;
using kernels::kTileRows;

constexpr Bytes kMaxBandBytes = Bytes{128} * 1024;  // of an image, where a row does not need more
constexpr Bytes kMaxRowBytes = Bytes{512} * 1024;   // of an image of a single output row
constexpr int kPairChannels = 2 * kTileChannels;

int steps_apart(const ConvGeometry& geometry) {
  return geometry.taps() * ceil_div(geometry.in.c, kTileDepth);
}

int steps_joined(const ConvGeometry& geometry) {
  const Window& window = geometry.window;
  return window.rows.kernel * ceil_div(window.columns.kernel * geometry.in.c, kTileDepth);
}

TileImageForm apart(const ConvGeometry& geometry) {
  const auto& [rows, columns] = geometry.window;
  const int reach = (columns.extent() - 1) / columns.stride;  // positions from the first tap on
  const int overlap = columns.stride > 1 ? 0 : std::min({columns.before, columns.after, reach});
  return {.joined = false,
          .row_bytes = align_up(geometry.in.c, kTileDepth),
          .row_phases = std::min(rows.stride, rows.extent()),
          .column_phases = std::min(columns.stride, columns.extent()),
          .pitch = geometry.out.w + reach - overlap,
          .overlap = overlap};
}

TileImageForm joined(const ConvGeometry& geometry) {
  const auto& [rows, columns] = geometry.window;
  return {.joined = true,
          .row_bytes = align_up(columns.kernel * geometry.in.c, kTileDepth),
          .row_phases = std::min(rows.stride, rows.extent()),
          .column_phases = 1,
          .pitch = geometry.out.w,
          .overlap = 0};
}

double products(const ConvGeometry& geometry, int steps, int pitch) {
  const double positions = double{1} * (geometry.out.h - 1) * pitch + geometry.out.w;
  return steps * std::ceil(positions / kTileRows);
}

// Joining copies each input as often as there are taps, which takes this share of the products'
// time (measured on Sapphire Rapids).
constexpr double kJoinCost = 1.1;

// Whether joined taps take less time. For many channels they never do.
bool joins(const ConvGeometry& geometry) {
  const Axis& columns = geometry.window.columns;
  if (columns.dilation > 1 || columns.kernel == 1 || geometry.in.c > kTileDepth) return false;
  return kJoinCost * products(geometry, steps_joined(geometry), joined(geometry).pitch) <
         products(geometry, steps_apart(geometry), apart(geometry).pitch);
}

TileImageForm form_of(const ConvGeometry& geometry) {
  return joins(geometry) ? joined(geometry) : apart(geometry);
}

// A phase's part of the image of `band` output rows.
Bytes phase_bytes(const ConvGeometry& geometry, const TileImageForm& form, int band) {
  const Axis& rows = geometry.window.rows;
  const int image_rows = band + (rows.extent() - 1) / rows.stride;
  return (static_cast<Bytes>(image_rows) * form.pitch + form.overlap) * form.row_bytes;
}

// The last tile reads up to a tile's rows behind the last position.
Bytes image_bytes(const ConvGeometry& geometry, const TileImageForm& form, int band) {
  return phase_bytes(geometry, form, band) * form.row_phases * form.column_phases +
         Bytes{kTileRows} * form.row_bytes;
}

int band_rows(const ConvGeometry& geometry, const TileImageForm& form) {
  int rows = geometry.out.h;
  while (rows > 1 && image_bytes(geometry, form, rows) > kMaxBandBytes) rows = ceil_div(rows, 2);
  return rows;
}

// The weights of a channel and a step as their bits lie in a tile: bit k of `bits` becomes bit
// k / 4 % 8 of byte k / 32 * 4 + k % 4 of the result.
Word in_tile_order(Word bits) {
  Word ordered = 0;
  for (int j = 0; j < 4; ++j) {
    Word each = bits >> j & 0x1111111111111111;  // each fourth bit to the front of its half
    each = (each | each >> 3) & 0x0303030303030303;
    each = (each | each >> 6) & 0x000f000f000f000f;
    each = (each | each >> 12) & 0x000000ff000000ff;
    ordered |= each << (8 * j);
  }
  return ordered;
}

// Where the bits of a channel lie in those of its step: which tile, and the column of it.
struct Place {
  int tile;
  int column;
};

Place place_of(int channel, int channels) {
  const int in_pair = channel % kPairChannels;
  const int tile = channel / kPairChannels * 2;
  if (channel / kPairChannels * kPairChannels + kTileChannels >= channels) return {tile, in_pair};
  return {tile + in_pair / 4 % 2, in_pair / 8 * 4 + in_pair % 4};
}

}  // namespace

bool suits_matrix_tiles(const ConvGeometry& geometry) {
  return geometry.groups == 1 && geometry.depth() <= kernels::kMaxLookupDepth &&
         image_bytes(geometry, form_of(geometry), 1) <= kMaxRowBytes;
}

Bytes matrix_tiles_packed_bound(const ConvGeometry& geometry) {
  const int steps = joins(geometry) ? steps_joined(geometry) : steps_apart(geometry);
  return static_cast<Bytes>(ceil_div(geometry.out.c, kTileChannels)) * static_cast<Bytes>(steps) *
         kTileBits;
}

MatrixTilesLayout::MatrixTilesLayout(const ConvGeometry& geometry)
    : geometry_(geometry),
      form_(form_of(geometry)),
      max_rows_(band_rows(geometry, form_)),
      phase_bytes_(static_cast<std::ptrdiff_t>(phase_bytes(geometry, form_, max_rows_))),
      image_bytes_(edgebin::image_bytes(geometry, form_, max_rows_)) {
  place_steps();
}

std::ptrdiff_t MatrixTilesLayout::row_offset(int row, int column_phase) const {
  const int phase = row % rows().stride * form_.column_phases + column_phase;
  return phase * phase_bytes_ + std::ptrdiff_t{row / rows().stride} * form_.pitch * form_.row_bytes;
}

void MatrixTilesLayout::place_steps() {
  const int taps = form_.joined ? 1 : columns().kernel;
  for (int ky = 0; ky < rows().kernel; ++ky) {
    for (int kx = 0; kx < taps; ++kx) {
      const int column = kx * columns().dilation;
      const std::ptrdiff_t tap = row_offset(ky * rows().dilation, column % columns().stride) +
                                 std::ptrdiff_t{column / columns().stride} * form_.row_bytes;
      for (int at = 0; at < form_.row_bytes; at += kTileDepth) offsets_.push_back(tap + at);
    }
  }
}

Operand<std::uint8_t> MatrixTilesLayout::pack(const Constant& weights) const {
  const int channels = align_up(geometry_.out.c, kTileChannels);
  const int length =
      (form_.joined ? columns().kernel : 1) * geometry_.in.c;  // of the steps of a tap
  const int count = geometry_.depth() / length;
  auto packed = make_operand<std::uint8_t>(static_cast<std::uint64_t>(weights_offset(channels)));
  std::vector<Word> row(static_cast<std::size_t>(ceil_div(geometry_.depth(), kernels::kWordBits)));
  for (int n = 0; n < geometry_.out.c; ++n) {
    read_row_bits(weights, n, row);
    const auto [tile, column] = place_of(n, channels);
    std::uint8_t* to =
        packed.data() + weights_offset(tile * kTileChannels) + std::ptrdiff_t{4} * column;
    for (int tap = 0; tap < count; ++tap) {
      for (int at = 0; at < length; at += kTileDepth, to += kTileBits) {
        Word bits = 0;
        copy_bits(&bits, 0, row.data(), static_cast<std::size_t>(tap) * length + at,
                  static_cast<std::size_t>(std::min(length - at, kTileDepth)));
        const Word ordered = in_tile_order(bits);
        for (int i = 0; i < 4; ++i) {
          to[i] = static_cast<std::uint8_t>(ordered >> (8 * i));
          to[kTileBits / 2 + i] = static_cast<std::uint8_t>(ordered >> (32 + 8 * i));
        }
      }
    }
  }
  return packed;
}

std::ptrdiff_t MatrixTilesLayout::weights_offset(int channel) const {
  return std::ptrdiff_t{channel / kTileChannels} * steps() * kTileBits;
}

}  // namespace edgebin
