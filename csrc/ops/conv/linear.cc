// `linear`: a matrix product over the channels of a single position, then the epilogue of `conv`.
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

Bytes packed_size(const NodeView& view) { return packed_size_bound(read_linear(view)); }

}  // namespace

extern const Op kLinear;
constinit const Op kLinear = {.name = "linear",
                              .family = Family::kProduct,
                              .infer = infer,
                              .prepare = prepare,
                              .packed_size_bound = packed_size};

}  // namespace edgebin
