// A `conv` or `linear` node after its checks: its geometry and its constants by role. `linear` is a
// 1x1 convolution of a single position. Output channel n of N belongs to group n / (N / groups);
// input channels are divided in the same way.
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

  // Length of a row of weights and of an im2col row.
  int depth() const { return taps() * group_in(); }

  // Whether the im2col row of output pixel p is input pixel p.
  bool is_pointwise() const;
};

struct ConvSpec {
  ConvGeometry geometry;
  DType input = DType::kCode;
  DType output = DType::kF32;
  const Constant* weights = nullptr;
  const Constant* thresholds = nullptr;  // this and the following are null where absent
  const Constant* scale = nullptr;
  const Constant* bias = nullptr;
  const Constant* zero = nullptr;
  PostOps post_ops = {};
  kernels::ConvAlgo algo = kernels::ConvAlgo::kMatrixTiles;
  std::string_view kernel;  // requested, as in NodeView
};

// Check a node. They throw Error(kModelFile).
ConvSpec read_conv(const NodeView& view);
ConvSpec read_linear(const NodeView& view);

// The step of either, on the algorithm that suits it best.
std::unique_ptr<const Step> make_conv(const ConvSpec& spec, const kernels::Kernels& kernels);

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_GEOMETRY_H_
