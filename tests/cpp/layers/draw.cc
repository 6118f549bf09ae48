#include "layers/draw.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "base/error.h"
#include "layers/contents.h"

namespace edgebin::layers {
namespace {

constexpr std::int64_t kMaxMacs = 400'000;
constexpr int kMaxElements = 12'000;
constexpr int kMaxRow = 12'000;
constexpr int kWordBits = 64;

using Attributes = std::vector<std::pair<std::string, std::int32_t>>;

enum class Kind { kU8, kCode, kF32 };

// A network under construction. Each layer added reads a value of the ones before it.
class Draft {
 public:
  explicit Draft(std::uint64_t seed) : contents(seed) {}

  struct Role {
    const char* name;
    WrittenTensor tensor;
  };

  // Returns the value's number.
  std::uint32_t add(const std::string& op, std::vector<std::uint32_t> inputs,
                    std::vector<Role> roles = {}, Attributes attributes = {}) {
    WrittenNode node{op, std::move(inputs), {}, std::move(attributes)};
    for (Role& role : roles) {
      node.constants.emplace_back(role.name, static_cast<std::uint32_t>(network.tensors.size()));
      network.tensors.push_back(std::move(role.tensor));
    }
    network.nodes.push_back(std::move(node));
    return static_cast<std::uint32_t>(network.nodes.size());
  }

  // Adds a value of the image's shape and of the given kind.
  std::uint32_t source(Kind kind) {
    if (kind == Kind::kU8) return 0;
    const std::uint32_t channels = network.input[2];
    if (kind == Kind::kF32) {
      return add("affine", {0},
                 {{"scale", contents.f32s(channels)}, {"bias", contents.f32s(channels)}});
    }
    const std::uint32_t plain =
        add("affine", {0},
            {{"scale", floats({channels}, std::vector<float>(channels, 1.0f))},
             {"bias", floats({channels}, std::vector<float>(channels, 0.0f))}});
    std::vector<float> steps;
    for (std::uint32_t c = 0; c < channels; ++c) {
      steps.insert(steps.end(), {63.5f, 127.5f, 191.5f});
    }
    return add("quantize", {plain}, {{"thresholds", floats({channels, 3}, steps)}});
  }

  std::uint32_t to_f32(std::uint32_t value, bool code) {
    if (!code) return value;
    return add("dequantize", {value}, {{"step", floats({1}, {0.538f})}});
  }

  Contents contents;
  WrittenNetwork network;
  std::size_t layer = 0;  // index of the node that is tested
};

struct Axis {
  int size = 1;
  int kernel = 1;
  int stride = 1;
  int dilation = 1;
  int before = 0;
  int after = 0;

  int extent() const { return dilation * (kernel - 1) + 1; }
  int output() const { return (size + before + after - extent()) / stride + 1; }
};

Axis draw_axis(Contents& contents, bool pool) {
  Axis axis;
  axis.kernel = contents.one_of({1, 1, 2, 3, 3, 3, 5, contents.pick(1, 9)});
  axis.stride = contents.one_of({1, 1, 1, 2, 3, contents.pick(1, 7)});
  if (axis.kernel > 1) axis.dilation = contents.one_of({1, 1, 1, 2, contents.pick(1, 5)});
  const int most = pool ? axis.extent() - 1 : contents.one_of({0, 1, 3, axis.extent() + 2});
  axis.before = contents.pick(0, most);
  axis.after = contents.one_in(2) ? axis.before : contents.pick(0, most);
  const int least = std::max(1, axis.extent() - axis.before - axis.after);
  axis.size = least + contents.pick(0, contents.one_of({1, 4, 12, 30}));
  return axis;
}

void describe(Attributes& attributes, const Axis& axis, const std::string& letter, bool pool) {
  const std::string before = letter == "h" ? "pad_top" : "pad_left";
  const std::string after = letter == "h" ? "pad_bottom" : "pad_right";
  if (pool) attributes.emplace_back("kernel_" + letter, axis.kernel);
  if (axis.stride != 1) attributes.emplace_back("stride_" + letter, axis.stride);
  if (axis.dilation != 1) attributes.emplace_back("dilation_" + letter, axis.dilation);
  if (axis.before != 0) attributes.emplace_back(before, axis.before);
  if (axis.after != 0) attributes.emplace_back(after, axis.after);
}

int draw_channels(Contents& contents) {
  const int word = contents.one_of({8, 16, 32, 64, 128, 192});
  if (contents.one_in(2)) return std::max(1, word + contents.pick(-1, 1));
  return contents.pick(1, contents.one_of({4, 9, 40, 140}));
}

// Types of the operands of a product.
struct Operands {
  Kind input;
  Type weights;
};
constexpr std::array<Operands, 10> kOperands = {{{Kind::kCode, Type::kBit},
                                                 {Kind::kCode, Type::kBit},
                                                 {Kind::kCode, Type::kBit},
                                                 {Kind::kCode, Type::kBit},
                                                 {Kind::kCode, Type::kS8},
                                                 {Kind::kU8, Type::kS8},
                                                 {Kind::kU8, Type::kBit},
                                                 {Kind::kF32, Type::kF32},
                                                 {Kind::kF32, Type::kS8},
                                                 {Kind::kF32, Type::kBit}}};

// A conv or linear layer to be added.
struct Layer {
  std::string op;
  Operands operands;
  std::vector<std::uint32_t> dims;  // of the weights
  std::uint32_t x;
  Attributes attributes;

  std::uint32_t row() const {
    std::uint32_t row = 1;
    for (std::size_t i = 1; i < dims.size(); ++i) row *= dims[i];
    return row;
  }
};

// Adds the layer and returns its value, of codes if `code`, else of f32.
std::uint32_t add_layer(Draft& draft, const Layer& layer, bool code) {
  Contents& contents = draft.contents;
  const std::uint32_t filters = layer.dims[0];
  std::vector<Draft::Role> roles = {
      {"weights", contents.weights(layer.operands.weights, layer.dims)}};
  if (code) {
    const Type type = contents.one_in(2) ? Type::kI16 : Type::kI32;
    const int reach = contents.one_of({4, static_cast<int>(3 * layer.row())});
    roles.push_back({"thresholds", contents.thresholds(type, filters, reach)});
  } else {
    const bool needs_scale = layer.operands.weights != Type::kF32;
    if (needs_scale || contents.one_in(2)) roles.push_back({"scale", contents.f32s(filters)});
    if (!contents.one_in(3)) roles.push_back({"bias", contents.f32s(filters)});
    if (layer.operands.input == Kind::kU8) {
      roles.push_back({"zero", contents.zeros_of_pixels(draft.network.input[2])});
    }
  }
  return draft.add(layer.op, {layer.x}, std::move(roles), layer.attributes);
}

// Adds a pool with enough padding for its window to fit whatever `y` is. Some windows read padding
// alone.
std::uint32_t add_pool(Draft& draft, std::uint32_t y) {
  Contents& contents = draft.contents;
  Attributes attributes;
  for (const char* const letter : {"h", "w"}) {
    Axis axis;
    axis.kernel = contents.pick(1, 3);
    axis.stride = contents.pick(1, 3);
    axis.dilation = contents.one_of({1, 1, contents.pick(1, 9)});
    axis.before = axis.extent() - 1;
    axis.after = contents.pick(0, axis.extent() - 1);
    describe(attributes, axis, letter, true);
  }
  return draft.add("max_pool", {y}, {}, std::move(attributes));
}

// Adds the layer, the post-ops that the runtime fuses behind it (a pool behind the first layer, the
// addition of another layer like it, a quantization), and a dequantization of codes.
void add_product(Draft& draft, const Layer& layer) {
  Contents& contents = draft.contents;
  const bool bits = layer.operands.input == Kind::kCode && layer.operands.weights == Type::kBit;
  const bool code = bits && contents.one_in(2);
  const bool first = layer.operands.input == Kind::kU8;
  const bool sums = !code && !first && contents.one_in(3);
  const std::uint32_t other = sums ? add_layer(draft, layer, false) : 0;
  draft.layer = draft.network.nodes.size();
  std::uint32_t y = add_layer(draft, layer, code);
  if (code) {
    draft.to_f32(y, true);
    return;
  }
  if (sums) y = draft.add("add", {contents.one_in(2) ? other : y, y});
  if (first && contents.one_in(2)) y = add_pool(draft, y);
  if (contents.one_in(2)) return;
  std::vector<Draft::Role> roles = {
      {"thresholds", contents.thresholds(Type::kF32, layer.dims[0], contents.one_of({2, 3000}))}};
  if (contents.one_in(2)) roles.push_back({"sign", contents.signs(layer.dims[0])});
  draft.to_f32(draft.add("quantize", {y}, std::move(roles)), true);
}

void draw_conv(Draft& draft) {
  Contents& contents = draft.contents;
  const Operands operands = kOperands[static_cast<std::size_t>(contents.pick(0, 9))];
  for (;;) {
    const Axis rows = draw_axis(contents, false);
    const Axis columns = draw_axis(contents, false);
    const int kind = contents.pick(0, 5);  // 0: depthwise, 1: grouped, else dense
    const int groups = kind == 0 ? draw_channels(contents) : kind == 1 ? contents.pick(2, 5) : 1;
    const int depth = kind == 0 ? 1 : draw_channels(contents);
    const int filters = groups * (kind == 0 ? contents.pick(1, 3) : draw_channels(contents));
    const int row = rows.kernel * columns.kernel * depth;
    const std::int64_t outputs = std::int64_t{rows.output()} * columns.output() * filters;
    const std::int64_t inputs = std::int64_t{rows.size} * columns.size * groups * depth;
    if (outputs * row > kMaxMacs || outputs > kMaxElements || inputs > kMaxElements) continue;
    draft.network.input = {static_cast<std::uint32_t>(rows.size),
                           static_cast<std::uint32_t>(columns.size),
                           static_cast<std::uint32_t>(groups * depth)};
    Attributes attributes;
    describe(attributes, rows, "h", false);
    describe(attributes, columns, "w", false);
    if (groups > 1) attributes.emplace_back("groups", groups);
    const std::vector<std::uint32_t> dims = {
        static_cast<std::uint32_t>(filters), static_cast<std::uint32_t>(rows.kernel),
        static_cast<std::uint32_t>(columns.kernel), static_cast<std::uint32_t>(depth)};
    add_product(draft, {"conv", operands, dims, draft.source(operands.input), attributes});
    return;
  }
}

void draw_linear(Draft& draft) {
  Contents& contents = draft.contents;
  const Operands operands = kOperands[static_cast<std::size_t>(contents.pick(0, 9))];
  const int words = contents.pick(1, 40);
  const int depth =
      contents.one_of({draw_channels(contents), contents.pick(1, kMaxRow), kWordBits * words - 1,
                       kWordBits * words, kWordBits * words + 1});
  const int filters =
      static_cast<int>(std::min<std::int64_t>(draw_channels(contents), 1 + kMaxMacs / depth));
  draft.network.input = {1, 1, static_cast<std::uint32_t>(depth)};
  const std::vector<std::uint32_t> dims = {static_cast<std::uint32_t>(filters),
                                           static_cast<std::uint32_t>(depth)};
  add_product(draft, {"linear", operands, dims, draft.source(operands.input), {}});
}

void draw_shape(Draft& draft) {
  Contents& contents = draft.contents;
  const int channels = draw_channels(contents);
  const int height = contents.pick(1, contents.one_of({2, 9, 24}));
  const int width = std::min(contents.pick(1, contents.one_of({2, 9, 24})),
                             std::max(1, kMaxElements / (channels * height)));
  draft.network.input = {static_cast<std::uint32_t>(height), static_cast<std::uint32_t>(width),
                         static_cast<std::uint32_t>(channels)};
}

void draw_pool(Draft& draft) {
  Contents& contents = draft.contents;
  const bool max = contents.one_in(2);
  const bool code = max && contents.one_in(2);
  draw_shape(draft);
  Attributes attributes;
  if (contents.one_in(3)) {
    attributes = {{"out_h", contents.pick(1, 9)}, {"out_w", contents.pick(1, 9)}};
    const std::uint32_t x = draft.source(code ? Kind::kCode : Kind::kF32);
    draft.layer = draft.network.nodes.size();
    draft.to_f32(draft.add(max ? "adaptive_max_pool" : "adaptive_avg_pool", {x}, {}, attributes),
                 code);
    return;
  }
  for (std::size_t i = 0; i < 2; ++i) {
    Axis axis = draw_axis(contents, true);
    if (!max) axis.dilation = 1;
    axis.before = std::min(axis.before, axis.extent() - 1);
    axis.after = std::min(axis.after, axis.extent() - 1);
    const int least = std::max(1, axis.extent() - axis.before - axis.after);
    std::uint32_t& size = draft.network.input[i];
    size = std::max(size, static_cast<std::uint32_t>(least));
    describe(attributes, axis, i == 0 ? "h" : "w", true);
  }
  if (!max && contents.one_in(2)) attributes.emplace_back("include_pad", contents.pick(0, 1));
  const std::uint32_t x = draft.source(code ? Kind::kCode : Kind::kF32);
  draft.layer = draft.network.nodes.size();
  draft.to_f32(draft.add(max ? "max_pool" : "avg_pool", {x}, {}, attributes), code);
}

void draw_pixelwise(Draft& draft) {
  Contents& contents = draft.contents;
  draw_shape(draft);
  const std::uint32_t channels = draft.network.input[2];
  const int kind = contents.pick(0, 6);
  const bool code = kind == 4 && contents.one_in(2);
  const std::uint32_t x = draft.source(code ? Kind::kCode : Kind::kF32);
  const std::uint32_t other =
      kind >= 4 && !contents.one_in(4) && !code ? draft.source(Kind::kF32) : x;
  draft.layer = draft.network.nodes.size();
  if (kind <= 1) {
    std::vector<Draft::Role> roles = {
        {"thresholds", contents.thresholds(Type::kF32, channels, contents.one_of({2, 300}))}};
    if (kind == 1) roles.push_back({"sign", contents.signs(channels)});
    draft.to_f32(draft.add("quantize", {x}, std::move(roles)), true);
  } else if (kind == 2) {
    draft.add("softmax", {x});
  } else if (kind == 3) {
    draft.add("relu", {x});
  } else if (kind == 4) {
    draft.to_f32(draft.add("concat", {x, other, x}), code);
  } else if (kind == 5) {
    draft.add("add", {x, other});
  } else {
    draft.add("affine", {contents.one_in(2) ? 0 : x},
              {{"scale", contents.f32s(channels)}, {"bias", contents.f32s(channels)}});
  }
}

// A reduction over chosen axes, an argmax, or a normalization.
void draw_reduction(Draft& draft) {
  Contents& contents = draft.contents;
  draw_shape(draft);
  const std::uint32_t channels = draft.network.input[2];
  const std::uint32_t x = draft.source(Kind::kF32);
  draft.network.version = 3;
  draft.layer = draft.network.nodes.size();
  const int kind = contents.pick(0, 6);
  if (kind <= 2) {
    constexpr const char* kReductions[] = {"reduce_mean", "reduce_sum", "reduce_max"};
    const int axes = contents.pick(1, 7);
    draft.add(kReductions[kind], {x}, {},
              {{"over_h", axes & 1}, {"over_w", axes >> 1 & 1}, {"over_c", axes >> 2 & 1}});
    return;
  }
  if (kind == 3) {
    draft.add("argmax", {x});
    return;
  }
  std::vector<Draft::Role> roles = {{"eps", floats({1}, {contents.one_in(2) ? 0.0f : 1e-5f})}};
  if (kind == 4) {
    draft.add("l2_normalize", {x}, std::move(roles));
    return;
  }
  for (const char* const role : {"scale", "bias"}) roles.push_back({role, contents.f32s(channels)});
  Attributes attributes;
  if (kind == 5) {
    auto groups = static_cast<std::uint32_t>(contents.pick(1, static_cast<int>(channels)));
    while (channels % groups != 0) --groups;
    attributes = {{"groups", static_cast<std::int32_t>(groups)}};
  }
  draft.add(kind == 5 ? "group_norm" : "layer_norm", {x}, std::move(roles), std::move(attributes));
}

int draw_block(Contents& contents, const std::vector<int>& sizes) {
  int block = contents.pick(1, 4);
  while (!std::ranges::all_of(sizes, [&](int size) { return size % block == 0; })) --block;
  return block;
}

// Attributes of an operator that moves the elements of an image of these sizes.
Attributes draw_move(Contents& contents, const std::string& op, const std::vector<int>& size) {
  if (op == "slice") {
    Attributes attributes;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const std::string letter(1, "hwc"[axis]);
      const int begin = contents.pick(0, size[axis] - 1);
      attributes.emplace_back(letter + "_begin", begin);
      attributes.emplace_back(letter + "_end", contents.pick(begin + 1, size[axis]));
      attributes.emplace_back(letter + "_step", contents.one_of({1, 1, 2, contents.pick(1, 9)}));
    }
    return attributes;
  }
  if (op == "pad") {
    const int mode = contents.pick(0, 3);
    Attributes attributes = {{"mode", mode}};
    const auto draw = [&](const char* side, int along) {
      const int most = mode == 1 ? along - 1 : mode == 3 ? along : 9;
      attributes.emplace_back(side, contents.pick(0, std::min(most, 9)));
    };
    for (const char* const side : {"pad_top", "pad_bottom"}) draw(side, size[0]);
    for (const char* const side : {"pad_left", "pad_right"}) draw(side, size[1]);
    return attributes;
  }
  if (op == "reshape") {  // columns and channels change places, or everything becomes columns
    const bool rows = contents.one_in(2);
    return {{"out_h", rows ? size[0] : 1},
            {"out_w", rows ? size[2] : size[0] * size[1] * size[2]},
            {"out_c", rows ? size[1] : 1}};
  }
  if (op == "transpose") {
    const int first = contents.pick(0, 2);
    const int second = (first + contents.pick(1, 2)) % 3;
    return {{"axis_0", first}, {"axis_1", second}, {"axis_2", 3 - first - second}};
  }
  if (op == "space_to_depth") return {{"block", draw_block(contents, {size[0], size[1]})}};
  if (op == "depth_to_space") return {{"block", size[2] % 4 == 0 ? contents.pick(1, 2) : 1}};
  return {{"out_h", contents.pick(1, 20)},
          {"out_w", contents.pick(1, 20)},
          {op == "resize_nearest" ? "exact" : "align_corners", contents.pick(0, 1)}};
}

// An operator that moves elements, or a resize.
void draw_shape_operator(Draft& draft) {
  constexpr std::array kOperators = {"slice",          "pad",
                                     "reshape",        "transpose",
                                     "depth_to_space", "space_to_depth",
                                     "resize_nearest", "take_channels",
                                     "resize_bilinear"};
  Contents& contents = draft.contents;
  draw_shape(draft);
  auto& in = draft.network.input;
  const std::string op = kOperators[static_cast<std::size_t>(contents.pick(0, 8))];
  if (op == "depth_to_space" && contents.one_in(2)) in[2] *= 4;
  if (op == "space_to_depth" && contents.one_in(2)) in[0] *= 2;
  const bool code = op != "resize_bilinear" && !contents.one_in(3);
  const std::uint32_t x = draft.source(code ? Kind::kCode : Kind::kF32);
  draft.network.version = 3;
  draft.layer = draft.network.nodes.size();
  std::vector<Draft::Role> roles;
  Attributes attributes;
  if (op == "take_channels") {
    roles.push_back({"channels", contents.channels(in[2])});
  } else {
    attributes = draw_move(contents, op, {in.begin(), in.end()});
  }
  if (op == "pad" && !code && attributes[0].second == 0 && contents.one_in(2)) {
    roles.push_back({"value", contents.f32s(1)});
  }
  draft.to_f32(draft.add(op, {x}, std::move(roles), std::move(attributes)), code);
}

}  // namespace

Drawn draw(std::uint64_t seed) {
  Draft draft(seed);
  const int kind = draft.contents.pick(0, 11);
  if (kind <= 4) {
    draw_conv(draft);
  } else if (kind == 5) {
    draw_linear(draft);
  } else if (kind <= 7) {
    draw_pool(draft);
  } else if (kind <= 9) {
    draw_pixelwise(draft);
  } else if (kind == 10) {
    draw_reduction(draft);
  } else {
    draw_shape_operator(draft);
  }
  const WrittenNode& layer = draft.network.nodes[draft.layer];
  const auto& input = draft.network.input;
  std::string what = message(layer.op, " of ", input[0], 'x', input[1], 'x', input[2]);
  for (const auto& [key, value] : layer.attributes) what += message(' ', key, '=', value);
  for (const auto& [role, tensor] : layer.constants) {
    what += message(' ', role, " of type ", int{draft.network.tensors[tensor].type});
  }
  std::size_t elements = kImages;
  for (const std::uint32_t size : input) elements *= size;
  return {.what = std::move(what),
          .name = message("node", draft.layer),
          .product = layer.op == "conv" || layer.op == "linear",
          .file = written(draft.network),
          .images = draft.contents.pixels(elements)};
}

}  // namespace edgebin::layers
