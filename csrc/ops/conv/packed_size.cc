#include "ops/conv/packed_size.h"

#include <algorithm>

#include "ops/conv/algorithms/algorithms.h"
#include "ops/conv/epilogue/border_bias.h"

namespace edgebin {
namespace {

// Of all algorithms that may compute the convolution, as choose.cc has it.
Bytes weights_bound(const ConvSpec& spec) {
  const ConvGeometry& geometry = spec.geometry;
  if (geometry.groups > 1 && geometry.group_in() == 1) {
    const Bytes depthwise = depthwise_packed_bound(spec);
    // With a fused max pool, which this bound does not know of yet, u8s8 computes it.
    return spec.input == DType::kU8 ? std::max(depthwise, u8s8_packed_bound(geometry)) : depthwise;
  }
  if (spec.input == DType::kF32) return f32_packed_bound(geometry);
  if (spec.input == DType::kU8 || spec.weights->type == ConstantType::kS8) {
    return u8s8_packed_bound(geometry);
  }
  const Bytes bit_serial = bit_serial_packed_bound(geometry);
  const bool has_sums_of_16_bits =
      geometry.groups == 1 && geometry.depth() <= kernels::kMaxLookupDepth;
  if (!has_sums_of_16_bits) return bit_serial;
  return std::max({bit_serial, lookup_packed_bound(geometry), matrix_tiles_packed_bound(geometry)});
}

}  // namespace

// A step with a fused max pool keeps the most: two tables of biases, and the classes of positions a
// third time.
Bytes packed_size_bound(const ConvSpec& spec) {
  const BorderBiasSize biases = border_bias_size(spec);
  return weights_bound(spec) + 2 * biases.table + 3 * biases.classes;
}

}  // namespace edgebin
