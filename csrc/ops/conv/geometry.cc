#include "ops/conv/geometry.h"

#include "base/error.h"
#include "ops/check.h"

namespace edgebin {
namespace {

constexpr std::int64_t kMaxRow = 1 << 22;
constexpr std::int64_t kMaxU8Row = 1 << 16;
constexpr std::int32_t kMaxZero = 1 << 24;

const Constant& read_weights(const NodeView& view, std::initializer_list<std::int64_t> dims) {
  using enum ConstantType;
  const DType input = view.inputs[0].dtype;
  const Constant& weights = input == DType::kF32
                                ? constant_of(view, "weights", {kBit, kS8, kF32}, dims)
                                : constant_of(view, "weights", {kBit, kS8}, dims);
  const std::int64_t max_length = input == DType::kU8 ? kMaxU8Row : kMaxRow;
  if (weights.row_length() > max_length) {
    refuse(view, Rule::kConstantRow,
           message("rows of weights have ", weights.row_length(), " elements, expected at most ",
                   max_length));
  }
  // Padding is multiplied as 0, which equals leaving it out only for finite weights.
  if (weights.type == kF32) require_finite(view, "weights", weights);
  return weights;
}

const Constant* read_zero(const NodeView& view) {
  const int channels = view.inputs[0].shape.c;
  const Constant& zero = constant_of(view, "zero", {ConstantType::kI32}, {channels});
  for (int c = 0; c < channels; ++c) {
    const auto value = zero.element<std::int32_t>(c);
    if (value >= 0 && value <= kMaxZero) continue;
    refuse(view, Rule::kConstantZero,
           message("zero of channel ", c, " is ", value, ", expected 0 to ", kMaxZero));
  }
  return &zero;
}

// Reads the constants of the epilogue that input and weights call for.
void read_epilogue(const NodeView& view, ConvSpec& spec) {
  const std::int64_t channels = spec.weights->rows();
  const bool binary_of_codes =
      spec.input == DType::kCode && spec.weights->type == ConstantType::kBit;
  if (binary_of_codes && view.node.constants.contains("thresholds")) {
    require_roles(view, {"weights", "thresholds"});
    spec.thresholds = &thresholds_of(view, {ConstantType::kI16, ConstantType::kI32}, channels);
    spec.output = DType::kCode;
    return;
  }
  const bool needs_scale = spec.weights->type != ConstantType::kF32;
  if (spec.input == DType::kU8) {
    require_roles(view, {"weights", "scale", "zero"}, {"bias"});
    spec.zero = read_zero(view);
  } else if (needs_scale) {
    require_roles(view, {"weights", "scale"}, {"bias"});
  } else {
    require_roles(view, {"weights"}, {"scale", "bias"});
  }
  spec.scale = optional_f32(view, "scale", channels);
  spec.bias = optional_f32(view, "bias", channels);
}

// Checks what `conv` and `linear` have in common.
ConvSpec read_common(const NodeView& view, std::initializer_list<std::int64_t> dims) {
  require_inputs(view, 1, {DType::kCode, DType::kU8, DType::kF32});
  ConvSpec spec;
  spec.post_ops = view.post_ops;
  spec.algo = view.conv_algo;
  spec.kernel = view.kernel;
  spec.input = view.inputs[0].dtype;
  spec.weights = &read_weights(view, dims);
  read_epilogue(view, spec);
  spec.geometry.in = view.inputs[0].shape;
  return spec;
}

}  // namespace

bool ConvGeometry::is_pointwise() const {
  return taps() == 1 && groups == 1 && in.h == out.h && in.w == out.w && window.rows.before == 0 &&
         window.columns.before == 0 && window.rows.stride == 1 && window.columns.stride == 1;
}

ConvSpec read_conv(const NodeView& view) {
  ConvSpec spec = read_common(view, {0, 0, 0, 0});
  require_keys(view, {"stride_h", "stride_w", "dilation_h", "dilation_w", "pad_top", "pad_left",
                      "pad_bottom", "pad_right", "groups"});
  const auto& [filters, kernel_h, kernel_w, depth] = spec.weights->dims;
  ConvGeometry& geometry = spec.geometry;
  geometry.groups = attribute_or(view, "groups", 1, kMaxDimension, 1);
  if (geometry.in.c != std::int64_t{depth} * geometry.groups) {
    const std::string in_groups =
        geometry.groups > 1 ? message(" in each of ", geometry.groups, " groups") : "";
    refuse(view, Rule::kConvChannels,
           message("weights have ", depth, " channels", in_groups, ", input has ", geometry.in.c));
  }
  if (filters % geometry.groups != 0) {
    refuse(view, Rule::kConvGroups,
           message("weights have ", filters, " rows, expected a multiple of the ", geometry.groups,
                   " groups"));
  }
  geometry.window = convolution_window(view, kernel_h, kernel_w);
  geometry.out = output_type(view, spec.output, geometry.window.rows.output(geometry.in.h),
                             geometry.window.columns.output(geometry.in.w), filters)
                     .shape;
  return spec;
}

ConvSpec read_linear(const NodeView& view) {
  ConvSpec spec = read_common(view, {0, 0});
  require_keys(view, {});
  const Shape& in = spec.geometry.in;
  if (in.h != 1 || in.w != 1) {
    refuse(view, Rule::kNodeShape,
           message("input is ", in.h, 'x', in.w, " positions, expected 1x1"));
  }
  if (spec.weights->dims[1] != in.c) {
    refuse(view, Rule::kConvChannels,
           message("weights have ", spec.weights->dims[1], " channels, input has ", in.c));
  }
  spec.geometry.out = {1, 1, spec.weights->dims[0]};
  return spec;
}

}  // namespace edgebin
