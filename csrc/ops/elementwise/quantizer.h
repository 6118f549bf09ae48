// The constants of a `quantize` node as the kernels take them, for the operator itself and for
// steps that have it as a post-op.
#ifndef EDGEBIN_OPS_ELEMENTWISE_QUANTIZER_H_
#define EDGEBIN_OPS_ELEMENTWISE_QUANTIZER_H_

#include "graph/network.h"
#include "ops/constants.h"
#include "ops/layout.h"

namespace edgebin {

struct Quantizer {
  // `quantize` is a node that its operator's checks accepted.
  Quantizer(const Node& quantize, int channels);

  // The task that quantizes values [pixels][channels]; the caller sets where the codes go.
  kernels::EpilogueTask<float> task(const float* values, int pixels, int channels) const noexcept;

  int stride;
  Operand<float> thresholds;  // [3][stride]
  Operand<float> sign;        // [stride]
};

}  // namespace edgebin

#endif  // EDGEBIN_OPS_ELEMENTWISE_QUANTIZER_H_
