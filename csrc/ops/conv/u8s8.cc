// Bytes and 8-bit weights: pixels as they are, or codes expanded to a byte each. Binary weights
// take part as +1 and -1.
#include <algorithm>

#include "ops/constants.h"
#include "ops/conv/choose.h"
#include "ops/conv/im2col.h"
#include "ops/conv/pooled.h"
#include "ops/conv/row_tiles.h"

namespace edgebin {
namespace {

class ByteProduct {
 public:
  static constexpr std::string_view kName = "u8s8";
  using Patch = std::uint8_t;
  using Acc = std::int32_t;

  ByteProduct(const ConvSpec& spec, const kernels::Kernels& kernels)
      : geometry_(spec.geometry),
        kernel_(kernels.u8s8),
        tile_(kernels.u8s8_tile),
        unit_(kernels.u8s8_unit),
        depth_(align_up(geometry_.depth(), unit_)),
        codes_(spec.input == DType::kCode),
        pointwise_(!codes_ && geometry_.is_pointwise() && depth_ == geometry_.depth()) {
    pack(*spec.weights);
  }

  const ConvGeometry& geometry() const { return geometry_; }
  int tile() const { return tile_; }
  bool in_place() const { return pointwise_; }
  std::size_t patch_size() const { return static_cast<std::size_t>(depth_); }

  void gather(std::span<const std::byte> input, int pixel, int pixels, int group,
              std::uint8_t* rows) const noexcept {
    if (!codes_) {
      gather_elements(geometry_, input, pixel, pixels, group, rows, depth_);
      return;
    }
    for (int i = 0; i < pixels; ++i, rows += depth_) {
      gather_code_bytes(geometry_, elements_of<Word>(input), pixel + i, group, rows);
      std::fill(rows + geometry_.depth(), rows + depth_, std::uint8_t{0});
    }
  }

  const std::uint8_t* patches_at(std::span<const std::byte> input, int pixel) const noexcept {
    return elements_of<std::uint8_t>(input) + std::ptrdiff_t{pixel} * depth_;
  }

  void multiply(const std::uint8_t* rows, int group, int first, std::int32_t* acc, int pixels,
                int channels) const noexcept {
    const std::int8_t* const weights =
        weights_.data() + group * group_size_ + std::size_t{1} * first * depth_;
    kernel_(rows, weights, acc, pixels, channels, depth_);
  }

 private:
  // [groups][channels / tile][depth / unit][tile][unit]; what lies past channels and depth is zero.
  void pack(const Constant& weights) {
    const int channels = geometry_.group_out();
    group_size_ = static_cast<std::size_t>(align_up(channels, tile_)) * depth_;
    weights_ = make_operand<std::int8_t>(std::uint64_t{group_size_} * geometry_.groups);
    std::vector<std::int8_t> row(static_cast<std::size_t>(depth_));
    for (int n = 0; n < geometry_.out.c; ++n) {
      read_row(weights, n, row.data());
      const int in_group = n % channels;
      std::int8_t* const tile = weights_.data() + n / channels * group_size_ +
                                static_cast<std::size_t>(in_group / tile_) * depth_ * tile_;
      std::int8_t* to = tile + static_cast<std::size_t>(in_group % tile_) * unit_;
      for (int k = 0; k < depth_; k += unit_, to += std::ptrdiff_t{tile_} * unit_) {
        std::copy_n(row.data() + k, unit_, to);
      }
    }
  }

  ConvGeometry geometry_;
  kernels::U8s8Fn kernel_;
  int tile_;
  int unit_;
  int depth_;  // whole units
  bool codes_;
  bool pointwise_;
  std::size_t group_size_ = 0;
  Operand<std::int8_t> weights_;
};

}  // namespace

std::unique_ptr<const Step> make_byte_conv(const ConvSpec& spec, const kernels::Kernels& kernels) {
  ByteProduct product(spec, kernels);
  if (spec.tail.pool != nullptr) {
    return std::make_unique<PooledConv<ByteProduct>>(std::move(product), spec, kernels);
  }
  return std::make_unique<StripConv<ByteProduct>>(std::move(product), spec, kernels);
}

}  // namespace edgebin
