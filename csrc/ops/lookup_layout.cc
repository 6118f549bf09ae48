#include "ops/lookup_layout.h"

#include <algorithm>
#include <cstring>

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
    const int at = tap * columns.dilation;
    places_.push_back({tap, at % columns.stride, at / columns.stride});
  }
  slots_ = vectors + places_.back().slot;
  std::ranges::stable_sort(places_, {}, &TapPlace::phase);
}

void LookupLayout::join_taps() {
  for (int i = 0; i < geometry_.window.columns.kernel; ++i) {
    const bool joins = i > 0 && places_[i - 1].phase == places_[i].phase &&
                       places_[i - 1].slot + 1 == places_[i].slot &&
                       runs_.back().taps < kernels::kMostTaps;
    if (joins) {
      ++runs_.back().taps;
    } else {
      runs_.push_back({i, 1});
    }
  }
}

Operand<std::uint8_t> LookupLayout::pack(const Constant& weights) const {
  const int tile = lookup_.tile;
  const std::size_t tile_bytes = std::size_t{1} * geometry_.taps() * groups_ * tile;
  Operand<std::uint8_t> packed(ceil_div(geometry_.out.c, tile) * tile_bytes);
  std::vector<Word> row(static_cast<std::size_t>(ceil_div(geometry_.depth(), kernels::kWordBits)));
  for (int n = 0; n < geometry_.out.c; ++n) {
    std::memcpy(row.data(), weights.bytes.data() + n * weights.row_bytes(), weights.row_bytes());
    const std::ptrdiff_t in_half = n % tile % (tile / 2);
    const std::ptrdiff_t upper = n % tile / (tile / 2);
    pack_channel(row.data(), packed.data() + n / tile * tile_bytes + 2 * in_half + upper);
  }
  return packed;
}

// `to` is the channel's byte of the first index: [window row][run][group][tap of the run][tile].
void LookupLayout::pack_channel(const Word* row, std::uint8_t* to) const {
  const int per_word = ceil_div(kernels::kWordBits, lookup_.group);
  const Word mask = low_bits(static_cast<std::size_t>(lookup_.group));
  const auto channels = static_cast<std::size_t>(geometry_.in.c);
  const int kernel_w = geometry_.window.columns.kernel;
  std::vector<Word> bits(static_cast<std::size_t>(plane_words(geometry_.in.c)));
  const auto pack_tap = [&](int tap, int taps, std::uint8_t* index) {
    std::ranges::fill(bits, Word{0});
    copy_bits(bits.data(), 0, row, static_cast<std::size_t>(tap) * channels, channels);
    for (int g = 0; g < groups_; ++g, index += std::ptrdiff_t{taps} * lookup_.tile) {
      *index =
          static_cast<std::uint8_t>(bits[g / per_word] >> (g % per_word * lookup_.group) & mask);
    }
  };
  for (int ky = 0; ky < geometry_.window.rows.kernel; ++ky) {
    for (const TapRun& run : runs_) {
      for (int j = 0; j < run.taps; ++j) {
        pack_tap(ky * kernel_w + places_[run.first + j].tap, run.taps,
                 to + std::ptrdiff_t{j} * lookup_.tile);
      }
      to += std::ptrdiff_t{run.taps} * groups_ * lookup_.tile;
    }
  }
}

}  // namespace edgebin
