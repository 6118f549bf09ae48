#include "ops/conv/algorithms/lookup_layout.h"

#include <algorithm>

#include "ops/constants.h"
#include "ops/conv/algorithms/algorithms.h"

namespace edgebin {
namespace {

int groups_of(int channels, int group) {
  return channels / kernels::kWordBits * ceil_div(kernels::kWordBits, group) +
         ceil_div(channels % kernels::kWordBits, group);
}

}  // namespace

LookupLayout::LookupLayout(const ConvGeometry& geometry, const kernels::Lookup& lookup, int vectors)
    : geometry_(geometry),
      lookup_(lookup),
      groups_(groups_of(geometry.in.c, lookup.group)),
      phases_(std::min(geometry.window.columns.stride, geometry.window.columns.extent())) {
  place_taps(vectors);
  join_taps();
}

void LookupLayout::place_taps(int vectors) {
  const Axis& columns = geometry_.window.columns;
  for (int tap = 0; tap < columns.kernel; ++tap) {
    const int column = tap * columns.dilation;
    positions_.push_back({tap, column % columns.stride, column / columns.stride});
  }
  slots_ = vectors + positions_.back().slot;
  std::ranges::stable_sort(positions_, {}, &TapPosition::phase);
}

void LookupLayout::join_taps() {
  for (int i = 0; i < geometry_.window.columns.kernel; ++i) {
    const bool joins = i > 0 && positions_[i - 1].phase == positions_[i].phase &&
                       positions_[i - 1].slot + 1 == positions_[i].slot &&
                       runs_.back().taps < kernels::kMaxTaps;
    if (joins) {
      ++runs_.back().taps;
    } else {
      runs_.push_back({i, 1});
    }
  }
}

Bytes lookup_packed_bound(const ConvGeometry& geometry) {
  return align_up(static_cast<Bytes>(geometry.out.c), Bytes{kMaxLookupTile}) *
         static_cast<Bytes>(geometry.taps()) *
         static_cast<Bytes>(groups_of(geometry.in.c, kMinLookupGroup));
}

// Packs tile by tile. `lanes` has the rows of a tile's channels side by side: word w of all lanes,
// then word w + 1.
Operand<std::uint8_t> LookupLayout::pack(const Constant& weights) const {
  const int tile = lookup_.tile;
  const std::ptrdiff_t tile_bytes = channel_bytes() * tile;
  const int tiles = ceil_div(geometry_.out.c, tile);
  auto packed = make_operand<std::uint8_t>(static_cast<std::uint64_t>(tile_bytes) * tiles);
  const auto words = static_cast<std::size_t>(ceil_div(geometry_.depth(), kernels::kWordBits));
  std::vector<Word> row(words);
  std::vector<Word> lanes((words + 1) * tile);  // one more, for groups that reach into it
  for (int t = 0; t < tiles; ++t) {
    std::ranges::fill(lanes, Word{0});
    for (int i = 0; i < tile && t * tile + i < geometry_.out.c; ++i) {
      read_row_bits(weights, t * tile + i, row);
      const int lane = 2 * (i % (tile / 2)) + i / (tile / 2);
      for (std::size_t w = 0; w < words; ++w) lanes[w * tile + lane] = row[w];
    }
    pack_tile(lanes.data(), packed.data() + t * tile_bytes);
  }
  return packed;
}

// [window row][run][group][tap of the run][tile].
void LookupLayout::pack_tile(const Word* lanes, std::uint8_t* to) const {
  const Axis& columns = geometry_.window.columns;
  for (int ky = 0; ky < geometry_.window.rows.kernel; ++ky) {
    for (const TapRun& run : runs_) {
      for (int g = 0; g < groups_; ++g) {
        for (int j = 0; j < run.taps; ++j, to += lookup_.tile) {
          pack_group(lanes, ky * columns.kernel + positions_[run.first + j].tap, g, to);
        }
      }
    }
  }
}

void LookupLayout::pack_group(const Word* lanes, int tap, int group, std::uint8_t* to) const {
  const int per_word = ceil_div(kernels::kWordBits, lookup_.group);
  const int in_word = group % per_word * lookup_.group;
  const int first = group / per_word * kernels::kWordBits + in_word;
  const int count = std::min({lookup_.group, kernels::kWordBits - in_word, geometry_.in.c - first});
  const int bit = tap * geometry_.in.c + first;  // of the row
  const int shift = bit % kernels::kWordBits;
  const Word mask = low_bits(static_cast<std::size_t>(count));
  const Word* const words = lanes + std::ptrdiff_t{bit} / kernels::kWordBits * lookup_.tile;
  for (int i = 0; i < lookup_.tile; ++i) {
    // Two shifts, for one of 64 would be undefined.
    const Word above = words[i + lookup_.tile] << 1 << (kernels::kWordBits - 1 - shift);
    to[i] = static_cast<std::uint8_t>((words[i] >> shift | above) & mask);
  }
}

}  // namespace edgebin
