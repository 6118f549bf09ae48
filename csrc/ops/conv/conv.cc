// `conv`: the weighted sum of each window of the image, then the epilogue. Groups split the
// channels.
#include "ops/conv/geometry.h"
#include "ops/conv/packed_size.h"

namespace edgebin {
namespace {

ValueType infer(const NodeView& view) {
  const ConvSpec spec = read_conv(view);
  return {spec.output, spec.geometry.out};
}

std::unique_ptr<const Step> prepare(const NodeView& view, const kernels::Kernels& kernels) {
  return make_conv(read_conv(view), kernels);
}

Bytes packed_size(const NodeView& view) { return packed_size_bound(read_conv(view)); }

}  // namespace

extern const Op kConv;
constinit const Op kConv = {.name = "conv",
                            .family = Family::kProduct,
                            .infer = infer,
                            .prepare = prepare,
                            .packed_size_bound = packed_size};

}  // namespace edgebin
