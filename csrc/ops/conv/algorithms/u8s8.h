// Bytes x 8-bit weights: u8 inputs as they are, codes expanded to a byte each. Binary weights
// become +1 and -1.
#ifndef EDGEBIN_OPS_CONV_ALGORITHMS_U8S8_H_
#define EDGEBIN_OPS_CONV_ALGORITHMS_U8S8_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "ops/conv/algorithms/pack.h"
#include "ops/conv/geometry.h"

namespace edgebin {

// An algorithm for RowTileSums and RowTileConv of row_tiles.h.
class U8s8 {
 public:
  static constexpr std::string_view kKernel = "u8s8";
  using Element = std::uint8_t;
  using Sum = std::int32_t;

  U8s8(const ConvSpec& spec, const kernels::Kernels& kernels);

  const ConvGeometry& geometry() const { return geometry_; }
  int tile() const { return weights_.tile(); }
  int row_size() const { return align_up(weights_.depth(), row_align_); }
  int pixel_step() const { return pixel_step_; }

  bool reads_input() const { return reads_input_; }
  const std::uint8_t* rows_of_input(std::span<const std::byte> input, int pixel) const noexcept;

  void im2col(std::span<const std::byte> input, int pixel, int pixels, int group,
              std::uint8_t* rows) const noexcept;

  void multiply(const std::uint8_t* rows, int group, int first, std::int32_t* sums, int pixels,
                int channels) const noexcept;

 private:
  ConvGeometry geometry_;
  kernels::U8s8Fn kernel_;
  int row_align_;
  int pixel_step_;
  bool codes_;  // whether the input is of codes
  PackedWeights<std::int8_t> weights_;
  bool reads_input_;
};

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_ALGORITHMS_U8S8_H_
