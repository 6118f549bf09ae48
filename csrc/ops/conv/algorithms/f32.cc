// f32 inputs x weights of any type, which become f32. The kernel's contract fixes the order of the
// sum.
#include "ops/constants.h"
#include "ops/conv/algorithms/algorithms.h"
#include "ops/conv/algorithms/pack.h"
#include "ops/conv/im2col/im2col.h"
#include "ops/conv/row_tiles.h"

namespace edgebin {
namespace {

class F32 {
 public:
  static constexpr std::string_view kKernel = "f32";
  using Element = float;
  using Sum = float;

  F32(const ConvSpec& spec, const kernels::Kernels& kernels)
      : geometry_(spec.geometry),
        kernel_(kernels.f32),
        pointwise_(geometry_.is_pointwise()),
        weights_(geometry_, geometry_.depth(), {kernels.f32_tile, 1},
                 [&](int n, std::span<float> row) { read_row(*spec.weights, n, row); }) {}

  const ConvGeometry& geometry() const { return geometry_; }
  int tile() const { return weights_.tile(); }
  int row_size() const { return weights_.depth(); }

  int pixel_step() const { return 12; }  // kernels take four or six at a time

  bool reads_input() const { return pointwise_; }
  const float* rows_of_input(std::span<const std::byte> input, int pixel) const noexcept {
    return elements_of<float>(input) + std::ptrdiff_t{pixel} * row_size();
  }

  void im2col(std::span<const std::byte> input, int pixel, int pixels, int group,
              float* rows) const noexcept {
    im2col_elements(geometry_, input, pixel, pixels, group, rows, row_size());
  }

  void multiply(const float* rows, int group, int first, float* sums, int pixels,
                int channels) const noexcept {
    kernel_(rows, weights_.at(group, first), sums, pixels, channels, weights_.depth());
  }

 private:
  ConvGeometry geometry_;
  kernels::F32Fn kernel_;
  bool pointwise_;
  PackedWeights<float> weights_;
};

}  // namespace

std::unique_ptr<const Step> make_f32_conv(const ConvSpec& spec, const kernels::Kernels& kernels) {
  return std::make_unique<RowTileConv<F32>>(F32(spec, kernels), spec, kernels);
}

Bytes f32_packed_bound(const ConvGeometry& geometry) {
  return packed_weights_bound<float>(geometry, geometry.depth(), kMaxF32Tile);
}

}  // namespace edgebin
