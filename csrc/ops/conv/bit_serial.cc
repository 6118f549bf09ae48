// Codes and binary weights: patches are bits, row by row of the window, with no gap between taps,
// just as the file packs a row of weights; so words are full even where the channels are few.
#include <cstring>

#include "ops/conv/choose.h"
#include "ops/conv/im2col.h"
#include "ops/conv/row_tiles.h"

namespace edgebin {
namespace {

class BitProduct {
 public:
  static constexpr std::string_view kName = "bit_serial";
  using Patch = Word;
  using Acc = std::int32_t;

  BitProduct(const ConvSpec& spec, const kernels::Kernels& kernels)
      : geometry_(spec.geometry),
        kernel_(kernels.bit_serial),
        tile_(kernels.bit_serial_tile),
        words_(ceil_div(geometry_.depth(), kernels::kWordBits)),
        pointwise_(geometry_.is_pointwise()) {
    pack(*spec.weights);
  }

  const ConvGeometry& geometry() const { return geometry_; }
  int tile() const { return tile_; }
  // A pixel's planes are a patch of one tap.
  bool in_place() const { return pointwise_; }
  std::size_t patch_size() const { return 2 * static_cast<std::size_t>(words_); }

  void gather(std::span<const std::byte> input, int pixel, int pixels, int group,
              Word* patches) const noexcept {
    for (int i = 0; i < pixels; ++i) {
      gather_codes(geometry_, elements_of<Word>(input), pixel + i, group, words_,
                   patches + i * patch_size());
    }
  }

  const Word* patches_at(std::span<const std::byte> input, int pixel) const noexcept {
    return planes_of(elements_of<Word>(input), pixel, geometry_.in.c);
  }

  void multiply(const Word* patches, int group, int first, std::int32_t* acc, int pixels,
                int channels) const noexcept {
    const Word* const weights =
        weights_.data() + group * group_size_ + std::size_t{1} * first * words_;
    kernel_(patches, weights, acc, pixels, channels, words_);
  }

 private:
  // [groups][channels / tile][words][tile]; rows past a group's channels are zero.
  void pack(const Constant& weights) {
    const int channels = geometry_.group_out();
    group_size_ = static_cast<std::size_t>(align_up(channels, tile_)) * words_;
    weights_ = make_operand<Word>(std::uint64_t{group_size_} * geometry_.groups);
    const auto row_bytes = static_cast<std::size_t>(weights.row_bytes());
    std::vector<Word> row(static_cast<std::size_t>(words_));  // bits past the row stay zero
    for (int n = 0; n < geometry_.out.c; ++n) {
      std::memcpy(row.data(), weights.bytes.data() + n * row_bytes, row_bytes);
      const int in_group = n % channels;
      Word* const tile = weights_.data() + n / channels * group_size_ +
                         static_cast<std::size_t>(in_group / tile_) * words_ * tile_;
      for (int k = 0; k < words_; ++k) {
        tile[static_cast<std::size_t>(k) * tile_ + in_group % tile_] = row[k];
      }
    }
  }

  ConvGeometry geometry_;
  kernels::BitSerialFn kernel_;
  int tile_;
  int words_;
  bool pointwise_;
  std::size_t group_size_ = 0;
  Operand<Word> weights_;
};

}  // namespace

std::unique_ptr<const Step> make_bit_conv(const ConvSpec& spec, const kernels::Kernels& kernels) {
  return std::make_unique<StripConv<BitProduct>>(BitProduct(spec, kernels), spec, kernels);
}

}  // namespace edgebin
