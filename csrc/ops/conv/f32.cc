// f32 inputs, with weights of any type as f32. The order of the sum is the kernel's contract.
#include "ops/constants.h"
#include "ops/conv/choose.h"
#include "ops/conv/im2col.h"
#include "ops/conv/row_tiles.h"

namespace edgebin {
namespace {

class RealProduct {
 public:
  static constexpr std::string_view kName = "f32";
  using Patch = float;
  using Acc = float;

  RealProduct(const ConvSpec& spec, const kernels::Kernels& kernels)
      : geometry_(spec.geometry),
        kernel_(kernels.f32),
        tile_(kernels.f32_tile),
        depth_(geometry_.depth()),
        pointwise_(geometry_.is_pointwise()) {
    pack(*spec.weights);
  }

  const ConvGeometry& geometry() const { return geometry_; }
  int tile() const { return tile_; }
  bool in_place() const { return pointwise_; }
  std::size_t patch_size() const { return static_cast<std::size_t>(depth_); }

  void gather(std::span<const std::byte> input, int pixel, int pixels, int group,
              float* rows) const noexcept {
    gather_elements(geometry_, input, pixel, pixels, group, rows, depth_);
  }

  const float* patches_at(std::span<const std::byte> input, int pixel) const noexcept {
    return elements_of<float>(input) + std::ptrdiff_t{pixel} * depth_;
  }

  void multiply(const float* rows, int group, int first, float* acc, int pixels,
                int channels) const noexcept {
    const float* const weights =
        weights_.data() + group * group_size_ + std::size_t{1} * first * depth_;
    kernel_(rows, weights, acc, pixels, channels, depth_);
  }

 private:
  // [groups][channels / tile][depth][tile]; rows past a group's channels are zero.
  void pack(const Constant& weights) {
    const int channels = geometry_.group_out();
    group_size_ = static_cast<std::size_t>(align_up(channels, tile_)) * depth_;
    weights_ = make_operand<float>(std::uint64_t{group_size_} * geometry_.groups);
    std::vector<float> row(static_cast<std::size_t>(depth_));
    for (int n = 0; n < geometry_.out.c; ++n) {
      read_row(weights, n, row.data());
      const int in_group = n % channels;
      float* const tile = weights_.data() + n / channels * group_size_ +
                          static_cast<std::size_t>(in_group / tile_) * depth_ * tile_;
      for (int k = 0; k < depth_; ++k) {
        tile[static_cast<std::size_t>(k) * tile_ + in_group % tile_] = row[k];
      }
    }
  }

  ConvGeometry geometry_;
  kernels::F32Fn kernel_;
  int tile_;
  int depth_;
  bool pointwise_;
  std::size_t group_size_ = 0;
  Operand<float> weights_;
};

}  // namespace

std::unique_ptr<const Step> make_real_conv(const ConvSpec& spec, const kernels::Kernels& kernels) {
  return std::make_unique<StripConv<RealProduct>>(RealProduct(spec, kernels), spec, kernels);
}

}  // namespace edgebin
