// The constants of a `quantize` as the kernels take them.
#ifndef EDGEBIN_OPS_QUANTIZER_H_
#define EDGEBIN_OPS_QUANTIZER_H_

#include "graph/network.h"
#include "ops/constants.h"
#include "ops/layout.h"

namespace edgebin {

struct Quantizer {
  // Of a checked node.
  Quantizer(const Node& quantize, int channels);

  int stride;
  Operand<float> thresholds;  // [3][stride]
  Operand<float> sign;        // [stride]
};

}  // namespace edgebin

#endif  // EDGEBIN_OPS_QUANTIZER_H_
