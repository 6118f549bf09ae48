// A `conv` or `linear` after its checks: the geometry, and the constants by what they are for.
// `linear` is a 1x1 window over one position. Output channel n of N belongs to group n / (N /
// groups), and so do the input channels.
#ifndef EDGEBIN_OPS_CONV_GEOMETRY_H_
#define EDGEBIN_OPS_CONV_GEOMETRY_H_

#include "ops/op.h"
#include "ops/window.h"

namespace edgebin {

struct ConvGeometry {
  Shape in;
  Shape out;
  Window window;
  int groups = 1;

  int group_in() const { return in.c / groups; }
  int group_out() const { return out.c / groups; }
  int taps() const { return window.rows.kernel * window.columns.kernel; }

  // Length of a row of weights, and of the patch of inputs that it meets.
  int depth() const { return taps() * group_in(); }

  // Whether the patch of output pixel p is input pixel p.
  bool is_pointwise() const;
};

struct ConvSpec {
  ConvGeometry geometry;
  DType input = DType::kCode;
  DType output = DType::kF32;
  const Constant* weights = nullptr;
  const Constant* thresholds = nullptr;  // null where absent, as below
  const Constant* scale = nullptr;
  const Constant* bias = nullptr;
  const Constant* zero = nullptr;
  Tail tail = {};
  kernels::ConvAlgo algo = kernels::ConvAlgo::kLookup;
  std::string_view kernel;  // wished for
};

// Throws Error(kModelFile).
ConvSpec read_conv(const NodeView& view);
ConvSpec read_linear(const NodeView& view);

// The step of either.
std::unique_ptr<const Step> make_conv(const ConvSpec& spec, const kernels::Kernels& kernels);

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_GEOMETRY_H_
