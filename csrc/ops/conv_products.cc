// Which product serves which convolution.
#include "ops/conv_products.h"

namespace edgebin {

std::unique_ptr<const Step> make_conv(const ConvSpec& spec, const kernels::Kernels& kernels) {
  const ConvGeometry& geometry = spec.geometry;
  if (geometry.groups > 1 && geometry.group_in() == 1) return make_depthwise_conv(spec, kernels);
  if (spec.input == DType::kF32) return make_real_conv(spec, kernels);
  const bool bits = spec.weights->type == ConstantType::kBit;
  if (spec.input == DType::kCode && bits) return make_bit_conv(spec, kernels);
  return make_byte_conv(spec, kernels);
}

}  // namespace edgebin
