// A convolution of u8 with a fused `max_pool`.
#ifndef EDGEBIN_OPS_CONV_ALGORITHMS_POOLED_H_
#define EDGEBIN_OPS_CONV_ALGORITHMS_POOLED_H_

#include <memory>

#include "ops/conv/algorithms/u8s8.h"
#include "ops/conv/geometry.h"

namespace edgebin {

// `spec` has the post-op max_pool.
std::unique_ptr<const Step> make_pooled_conv(U8s8 algorithm, const ConvSpec& spec,
                                             const kernels::Kernels& kernels);

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_ALGORITHMS_POOLED_H_
