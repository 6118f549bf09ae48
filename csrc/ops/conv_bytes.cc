// Bytes and 8-bit weights: pixels as they are, or codes expanded to a byte each. Binary weights
// take part as +1 and -1.
#include "ops/constants.h"
#include "ops/conv_products.h"
#include "ops/conv_strips.h"
#include "ops/patches.h"

namespace edgebin {
namespace {

class ByteProduct {
 public:
  using Patch = std::uint8_t;
  using Acc = std::int32_t;

  ByteProduct(const ConvSpec& spec, const kernels::Kernels& kernels)
      : geometry_(spec.geometry),
        kernel_(kernels.byte),
        tile_(kernels.byte_tile),
        depth_(align_up(geometry_.depth(), 2)),
        codes_(spec.input == DType::kCode),
        pointwise_(!codes_ && geometry_.is_pointwise() && depth_ == geometry_.depth()) {
    pack(*spec.weights);
  }

  const ConvGeometry& geometry() const { return geometry_; }
  int tile() const { return tile_; }
  bool in_place() const { return pointwise_; }
  std::size_t patch_size() const { return static_cast<std::size_t>(depth_); }

  void gather(std::span<const std::byte> input, int pixel, int group,
              std::uint8_t* row) const noexcept {
    if (codes_) {
      gather_code_bytes(geometry_, elements_of<Word>(input), pixel, group, row);
    } else {
      gather_elements(geometry_, elements_of<std::uint8_t>(input), pixel, group, row);
    }
    if (depth_ > geometry_.depth()) row[depth_ - 1] = 0;
  }

  const std::uint8_t* patches_at(std::span<const std::byte> input, int pixel) const noexcept {
    return elements_of<std::uint8_t>(input) + std::ptrdiff_t{pixel} * depth_;
  }

  void multiply(const std::uint8_t* rows, int group, int first, std::int32_t* acc, int pixels,
                int channels) const noexcept {
    const std::int16_t* const weights =
        weights_.data() + group * group_size_ + std::size_t{1} * first * depth_;
    kernel_(rows, weights, acc, pixels, channels, depth_);
  }

 private:
  // [groups][channels / tile][depth / 2][tile][2]; what lies past channels and depth is zero.
  void pack(const Constant& weights) {
    const int channels = geometry_.group_out();
    group_size_ = static_cast<std::size_t>(align_up(channels, tile_)) * depth_;
    weights_.resize(geometry_.groups * group_size_);
    std::vector<std::int16_t> row(static_cast<std::size_t>(depth_));
    for (int n = 0; n < geometry_.out.c; ++n) {
      read_row(weights, n, row.data());
      const int in_group = n % channels;
      std::int16_t* const tile = weights_.data() + n / channels * group_size_ +
                                 static_cast<std::size_t>(in_group / tile_) * depth_ * tile_;
      for (int k = 0; k < depth_; ++k) {
        const auto pair = static_cast<std::size_t>(k / 2) * tile_ + in_group % tile_;
        tile[2 * pair + k % 2] = row[k];
      }
    }
  }

  ConvGeometry geometry_;
  kernels::ByteFn kernel_;
  int tile_;
  int depth_;  // even
  bool codes_;
  bool pointwise_;
  std::size_t group_size_ = 0;
  Operand<std::int16_t> weights_;
};

}  // namespace

std::unique_ptr<const Step> make_byte_conv(const ConvSpec& spec, const kernels::Kernels& kernels) {
  return std::make_unique<StripConv<ByteProduct>>(ByteProduct(spec, kernels), spec, kernels);
}

}  // namespace edgebin
