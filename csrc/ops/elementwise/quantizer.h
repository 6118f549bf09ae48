// The constants of a `quantize` as the kernels take them.
#ifndef EDGEBIN_OPS_ELEMENTWISE_QUANTIZER_H_
#define EDGEBIN_OPS_ELEMENTWISE_QUANTIZER_H_

#include "graph/network.h"
#include "ops/constants.h"
#include "ops/layout.h"

namespace edgebin {

struct Quantizer {
  // Of a checked node.
  Quantizer(const Node& quantize, int channels);

  // Makes codes of values [pixels][channels]; where they go is left open.
  kernels::EpilogueTask<float> task(const float* values, int pixels, int channels) const noexcept;

  int stride;
  Operand<float> thresholds;  // [3][stride]
  Operand<float> sign;        // [stride]
};

}  // namespace edgebin

#endif  // EDGEBIN_OPS_ELEMENTWISE_QUANTIZER_H_
