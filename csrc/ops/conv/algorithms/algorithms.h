// The algorithms that compute the sums of `conv` and `linear`. Of each: the step, and an upper
// bound of the bytes of its packed weights, which stands beside the code that packs them.
#ifndef EDGEBIN_OPS_CONV_ALGORITHMS_ALGORITHMS_H_
#define EDGEBIN_OPS_CONV_ALGORITHMS_ALGORITHMS_H_

#include <memory>

#include "ops/conv/geometry.h"

namespace edgebin {

// Codes x binary weights, by counting bits.
std::unique_ptr<const Step> make_bit_serial_conv(const ConvSpec& spec,
                                                 const kernels::Kernels& kernels);
Bytes bit_serial_packed_bound(const ConvGeometry& geometry);

// Codes x binary weights, by table lookup: without groups, and with at most kMaxLookupDepth weights
// per channel.
std::unique_ptr<const Step> make_lookup_conv(const ConvSpec& spec, const kernels::Kernels& kernels,
                                             const kernels::Lookup& lookup);
Bytes lookup_packed_bound(const ConvGeometry& geometry);

// Codes x binary weights, on matrix tiles: of kernels that have them and a geometry that suits.
std::unique_ptr<const Step> make_matrix_tiles_conv(const ConvSpec& spec,
                                                   const kernels::Kernels& kernels);
Bytes matrix_tiles_packed_bound(const ConvGeometry& geometry);

// Whether the geometry has no groups, sums that fit 16 bits, and windows whose inputs fit a cache.
bool suits_matrix_tiles(const ConvGeometry& geometry);

// u8 x s8 or binary weights, and codes x s8 weights. The only one that runs a fused max pool.
std::unique_ptr<const Step> make_u8s8_conv(const ConvSpec& spec, const kernels::Kernels& kernels);
Bytes u8s8_packed_bound(const ConvGeometry& geometry);

// f32 x weights of any type.
std::unique_ptr<const Step> make_f32_conv(const ConvSpec& spec, const kernels::Kernels& kernels);
Bytes f32_packed_bound(const ConvGeometry& geometry);

// Inputs and weights of any type, where each group has a single input channel.
std::unique_ptr<const Step> make_depthwise_conv(const ConvSpec& spec,
                                                const kernels::Kernels& kernels);
Bytes depthwise_packed_bound(const ConvSpec& spec);

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_ALGORITHMS_ALGORITHMS_H_
