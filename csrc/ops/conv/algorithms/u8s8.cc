#include "ops/conv/algorithms/u8s8.h"

#include <algorithm>

#include "ops/constants.h"
#include "ops/conv/algorithms/algorithms.h"
#include "ops/conv/algorithms/pooled.h"
#include "ops/conv/im2col/im2col.h"
#include "ops/conv/row_tiles.h"

namespace edgebin {

U8s8::U8s8(const ConvSpec& spec, const kernels::Kernels& kernels)
    : geometry_(spec.geometry),
      kernel_(kernels.u8s8),
      row_align_(kernels.u8s8_row_align),
      pixel_step_(kernels.u8s8_pixels),
      codes_(spec.input == DType::kCode),
      weights_(geometry_, geometry_.depth(), {kernels.u8s8_tile, kernels.u8s8_unit},
               [&](int n, std::span<std::int8_t> row) { read_row(*spec.weights, n, row); }),
      reads_input_(!codes_ && geometry_.is_pointwise() &&
                   geometry_.depth() ==
                       (geometry_.out.pixels() == 1 ? weights_.depth() : row_size())) {}

const std::uint8_t* U8s8::rows_of_input(std::span<const std::byte> input,
                                        int pixel) const noexcept {
  return elements_of<std::uint8_t>(input) + std::ptrdiff_t{pixel} * row_size();
}

void U8s8::im2col(std::span<const std::byte> input, int pixel, int pixels, int group,
                  std::uint8_t* rows) const noexcept {
  if (!codes_) {
    im2col_elements(geometry_, input, pixel, pixels, group, rows, row_size());
    return;
  }
  for (int i = 0; i < pixels; ++i, rows += row_size()) {
    im2col_code_bytes(geometry_, elements_of<Word>(input), pixel + i, group, rows);
    std::fill(rows + geometry_.depth(), rows + weights_.depth(), std::uint8_t{0});
  }
}

void U8s8::multiply(const std::uint8_t* rows, int group, int first, std::int32_t* sums, int pixels,
                    int channels) const noexcept {
  kernel_(rows, weights_.at(group, first), sums, pixels, channels, weights_.depth());
}

std::unique_ptr<const Step> make_u8s8_conv(const ConvSpec& spec, const kernels::Kernels& kernels) {
  U8s8 algorithm(spec, kernels);
  if (spec.post_ops.max_pool != nullptr) {
    return make_pooled_conv(std::move(algorithm), spec, kernels);
  }
  return std::make_unique<RowTileConv<U8s8>>(std::move(algorithm), spec, kernels);
}

Bytes u8s8_packed_bound(const ConvGeometry& geometry) {
  return packed_weights_bound<std::int8_t>(geometry, geometry.depth(), kMaxU8s8Tile);
}

}  // namespace edgebin
