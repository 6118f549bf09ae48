// The weights of a convolution in the order in which the kernels of matrix products read them:
//
//   [groups][channels / tile][depth / unit][tile][unit]
//
// The channels of a group are padded to whole tiles and the depth to whole units, with zeros.
#ifndef EDGEBIN_OPS_CONV_ALGORITHMS_PACK_H_
#define EDGEBIN_OPS_CONV_ALGORITHMS_PACK_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ops/conv/geometry.h"
#include "ops/layout.h"

namespace edgebin {

struct WeightTile {
  int channels;
  int unit;
};

// The largest tiles of any instruction set. Bounds of packed sizes count with them on every
// machine, so that all machines refuse the same files.
inline constexpr WeightTile kMaxBitSerialTile = {16, 1};
inline constexpr WeightTile kMaxU8s8Tile = {16, 16};
inline constexpr WeightTile kMaxF32Tile = {64, 1};

template <class T>
class PackedWeights {
 public:
  // A row of weights has `depth` elements. read_row(n, row) writes those of output channel n to the
  // first elements of `row`, a std::span<T>, and leaves the padding behind them alone.
  template <class ReadRow>
  PackedWeights(const ConvGeometry& geometry, int depth, const WeightTile& tile,
                const ReadRow& read_row)
      : tile_(tile),
        depth_(align_up(depth, tile.unit)),
        group_out_(geometry.group_out()),
        group_size_(std::uint64_t{1} * align_up(group_out_, tile.channels) * depth_),
        weights_(make_operand<T>(group_size_ * geometry.groups)) {
    std::vector<T> row(static_cast<std::size_t>(depth_));
    for (int n = 0; n < geometry.out.c; ++n) {
      read_row(n, std::span(row));
      write_row(n, row);
    }
  }

  int tile() const { return tile_.channels; }
  int depth() const { return depth_; }  // of whole units

  // The weights from channel `first` of a group on, which is a multiple of the tile.
  const T* at(int group, int first) const {
    return weights_.data() + group * static_cast<std::ptrdiff_t>(group_size_) +
           std::ptrdiff_t{first} * depth_;
  }

 private:
  void write_row(int channel, const std::vector<T>& row) {
    const int in_group = channel % group_out_;
    T* to = weights_.data() + channel / group_out_ * static_cast<std::ptrdiff_t>(group_size_) +
            std::ptrdiff_t{in_group / tile_.channels} * tile_.channels * depth_ +
            std::ptrdiff_t{in_group % tile_.channels} * tile_.unit;
    for (int k = 0; k < depth_; k += tile_.unit) {
      std::copy_n(row.data() + k, tile_.unit, to);
      to += std::ptrdiff_t{tile_.channels} * tile_.unit;
    }
  }

  WeightTile tile_;
  int depth_;
  int group_out_;
  std::uint64_t group_size_;  // elements
  Operand<T> weights_;
};

// An upper bound of the bytes of PackedWeights<T>, for tiles of at most `max_tile`. It does not
// wrap: rows have at most 2^22 elements, and a constant has fewer than 2^31 rows.
template <class T>
Bytes packed_weights_bound(const ConvGeometry& geometry, int depth, const WeightTile& max_tile) {
  const auto group_out = static_cast<Bytes>(geometry.group_out());
  return static_cast<Bytes>(geometry.groups) *
         align_up(group_out, static_cast<Bytes>(max_tile.channels)) *
         align_up(static_cast<Bytes>(depth), static_cast<Bytes>(max_tile.unit)) * sizeof(T);
}

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_ALGORITHMS_PACK_H_
