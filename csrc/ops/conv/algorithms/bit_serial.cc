// Codes x binary weights by counting bits. An im2col row has the bits of the window row by row,
// with no gap between taps, just as the file packs a row of weights: words are full even where
// channels are few.
#include "ops/constants.h"
#include "ops/conv/algorithms/algorithms.h"
#include "ops/conv/algorithms/pack.h"
#include "ops/conv/im2col/im2col.h"
#include "ops/conv/row_tiles.h"

namespace edgebin {
namespace {

int row_words(const ConvGeometry& geometry) {
  return ceil_div(geometry.depth(), kernels::kWordBits);
}

class BitSerial {
 public:
  static constexpr std::string_view kKernel = "bit_serial";
  using Element = Word;
  using Sum = std::int32_t;

  BitSerial(const ConvSpec& spec, const kernels::Kernels& kernels)
      : geometry_(spec.geometry),
        kernel_(kernels.bit_serial),
        pointwise_(geometry_.is_pointwise()),
        weights_(geometry_, row_words(geometry_), {kernels.bit_serial_tile, 1},
                 [&](int n, std::span<Word> row) { read_row_bits(*spec.weights, n, row); }) {}

  const ConvGeometry& geometry() const { return geometry_; }
  int tile() const { return weights_.tile(); }
  int row_size() const { return 2 * weights_.depth(); }  // two planes

  int pixel_step() const { return 12; }  // kernels take four or six at a time

  // The planes of an input pixel are the im2col row of a window of one tap.
  bool reads_input() const { return pointwise_; }
  const Word* rows_of_input(std::span<const std::byte> input, int pixel) const noexcept {
    return planes_of(elements_of<Word>(input), pixel, geometry_.in.c);
  }

  void im2col(std::span<const std::byte> input, int pixel, int pixels, int group,
              Word* rows) const noexcept {
    for (int i = 0; i < pixels; ++i, rows += row_size()) {
      im2col_planes(geometry_, elements_of<Word>(input), pixel + i, group, weights_.depth(), rows);
    }
  }

  void multiply(const Word* rows, int group, int first, std::int32_t* sums, int pixels,
                int channels) const noexcept {
    kernel_(rows, weights_.at(group, first), sums, pixels, channels, weights_.depth());
  }

 private:
  ConvGeometry geometry_;
  kernels::BitSerialFn kernel_;
  bool pointwise_;
  PackedWeights<Word> weights_;
};

}  // namespace

std::unique_ptr<const Step> make_bit_serial_conv(const ConvSpec& spec,
                                                 const kernels::Kernels& kernels) {
  return std::make_unique<RowTileConv<BitSerial>>(BitSerial(spec, kernels), spec, kernels);
}

Bytes bit_serial_packed_bound(const ConvGeometry& geometry) {
  return packed_weights_bound<Word>(geometry, row_words(geometry), kMaxBitSerialTile);
}

}  // namespace edgebin
