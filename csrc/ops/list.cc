// The list of all operators. It is explicit because a linker drops from an archive whatever no one
// refers to.
#include <algorithm>
#include <array>

#include "base/error.h"
#include "graph/rules.h"
#include "ops/op.h"

namespace edgebin {

extern const Op kAdaptiveAvgPool;
extern const Op kAdaptiveMaxPool;
extern const Op kAdd;
extern const Op kAffine;
extern const Op kArgmax;
extern const Op kAvgPool;
extern const Op kClamp;
extern const Op kConcat;
extern const Op kConv;
extern const Op kDepthToSpace;
extern const Op kDequantize;
extern const Op kElu;
extern const Op kExp;
extern const Op kFlatten;
extern const Op kGelu;
extern const Op kGeluTanh;
extern const Op kGroupNorm;
extern const Op kHardSigmoid;
extern const Op kHardSwish;
extern const Op kL2Normalize;
extern const Op kLayerNorm;
extern const Op kLinear;
extern const Op kMaxPool;
extern const Op kMul;
extern const Op kPad;
extern const Op kPrelu;
extern const Op kQuantize;
extern const Op kReduceMax;
extern const Op kReduceMean;
extern const Op kReduceSum;
extern const Op kRelu;
extern const Op kReshape;
extern const Op kResizeBilinear;
extern const Op kResizeNearest;
extern const Op kSigmoid;
extern const Op kSilu;
extern const Op kSlice;
extern const Op kSoftmax;
extern const Op kSpaceToDepth;
extern const Op kSub;
extern const Op kTakeChannels;
extern const Op kTanh;
extern const Op kTranspose;

std::span<const Op> operators() {
  static const std::array all = {kAdaptiveAvgPool,
                                 kAdaptiveMaxPool,
                                 kAdd,
                                 kAffine,
                                 kArgmax,
                                 kAvgPool,
                                 kClamp,
                                 kConcat,
                                 kConv,
                                 kDepthToSpace,
                                 kDequantize,
                                 kElu,
                                 kExp,
                                 kFlatten,
                                 kGelu,
                                 kGeluTanh,
                                 kGroupNorm,
                                 kHardSigmoid,
                                 kHardSwish,
                                 kL2Normalize,
                                 kLayerNorm,
                                 kLinear,
                                 kMaxPool,
                                 kMul,
                                 kPad,
                                 kPrelu,
                                 kQuantize,
                                 kReduceMax,
                                 kReduceMean,
                                 kReduceSum,
                                 kRelu,
                                 kReshape,
                                 kResizeBilinear,
                                 kResizeNearest,
                                 kSigmoid,
                                 kSilu,
                                 kSlice,
                                 kSoftmax,
                                 kSpaceToDepth,
                                 kSub,
                                 kTakeChannels,
                                 kTanh,
                                 kTranspose};
  return all;
}

std::string_view name_of(Family family) {
  switch (family) {
    case Family::kProduct:
      return "product";
    case Family::kMaximum:
      return "maximum";
    case Family::kRearrangement:
      return "rearrangement";
    case Family::kElementwise:
      return "elementwise";
    case Family::kOther:
      break;
  }
  return "other";
}

const Op& operator_of(const Node& node) {
  const auto all = operators();
  const auto op = std::ranges::find(all, node.op, &Op::name);
  if (op == all.end()) {
    refuse_file(Rule::kNodeOp,
                message("node ", quoted(node.name), ": there is no operator ", quoted(node.op)));
  }
  return *op;
}

const Op& operator_of(const Node& node, std::uint32_t version) {
  const Op& op = operator_of(node);
  if (version >= op.since) return op;
  refuse_file(Rule::kNodeOp,
              message("node ", quoted(node.name), ": files have operator ", quoted(node.op),
                      " since version ", op.since, ", this one has version ", version));
}

}  // namespace edgebin
