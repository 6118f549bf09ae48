// `linear`: a matrix product over the channels of one position, then the epilogue of `conv`.
#include "ops/conv/geometry.h"
#include "ops/conv/packed_size.h"

namespace edgebin {
namespace {

ValueType infer(const NodeView& view) {
  const ConvSpec spec = read_linear(view);
  return {spec.output, spec.geometry.out};
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  return make_conv(read_linear(view), kernels);
}

Bytes packed(const NodeView& view) { return packed_bytes(read_linear(view)); }

}  // namespace

extern const Op kLinear;
constinit const Op kLinear = {"linear", infer, prepare, true, packed};

}  // namespace edgebin
