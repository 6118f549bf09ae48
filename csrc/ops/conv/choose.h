// The ways to compute the sums of conv and linear, by what is multiplied.
#ifndef EDGEBIN_OPS_CONV_CHOOSE_H_
#define EDGEBIN_OPS_CONV_CHOOSE_H_

#include <memory>

#include "ops/conv/geometry.h"

namespace edgebin {

// Codes and bits.
std::unique_ptr<const Step> make_bit_conv(const ConvSpec& spec, const kernels::Kernels& kernels);

// The same by table lookup. Without groups, and at most kMaxLookupDepth weights a channel.
std::unique_ptr<const Step> make_lookup_conv(const ConvSpec& spec, const kernels::Kernels& kernels,
                                             const kernels::Lookup& lookup);

// u8 with s8 or bits, codes with s8.
std::unique_ptr<const Step> make_byte_conv(const ConvSpec& spec, const kernels::Kernels& kernels);

// f32 with any weights.
std::unique_ptr<const Step> make_real_conv(const ConvSpec& spec, const kernels::Kernels& kernels);

// One input channel per group, of any type: the sums run over taps alone.
std::unique_ptr<const Step> make_depthwise_conv(const ConvSpec& spec,
                                                const kernels::Kernels& kernels);

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_CHOOSE_H_
