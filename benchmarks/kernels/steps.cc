// Whole convolutions of one image as a session runs them: codes or u8 in, codes out; f32 in and
// out.
#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "counters.h"
#include "kernels/dispatch.h"
#include "ops/layout.h"
#include "ops/op.h"

namespace edgebin::benchmarks {
namespace {

// Types of a layer: codes x bits -> codes, u8 x s8 -> codes, f32 x f32 -> f32.
enum class Types { kCodes, kU8, kF32 };

struct Layer {
  const char* name;
  int side;  // of the input
  int in;
  int out;
  int kernel = 3;
  int stride = 1;
  Types types = Types::kCodes;
  bool depthwise = false;

  int group_in() const { return depthwise ? 1 : in; }
  int row() const { return kernel * kernel * group_in(); }  // of weights
};

constexpr Layer kLayers[] = {
    {"64->64@56", 56, 64, 64},
    {"128->128@28", 28, 128, 128},
    {"256->256@14", 14, 256, 256},
    {"512->512@7", 7, 512, 512},
    {"128->128@32", 32, 128, 128},
    {"256->256@16", 16, 256, 256},
    {"512->512@8", 8, 512, 512},
    {"64->128@56,stride2", 56, 64, 128, 3, 2},
    {"128->256@28,stride2", 28, 128, 256, 3, 2},
    {"256->512@14,stride2", 14, 256, 512, 3, 2},
    {"64->128@56,1x1,stride2", 56, 64, 128, 1, 2},
    {"16->16@32", 32, 16, 16},
    {"32->32@16", 16, 32, 32},
    {"64->64@8", 8, 64, 64},
    {"3->64@224,7x7,stride2,u8", 224, 3, 64, 7, 2, Types::kU8},
    {"3->128@32,u8", 32, 3, 128, 3, 1, Types::kU8},
    {"dw32@112", 112, 32, 32, 3, 1, Types::kCodes, true},
    {"dw96@112,stride2", 112, 96, 96, 3, 2, Types::kCodes, true},
    {"dw144@56", 56, 144, 144, 3, 1, Types::kCodes, true},
    {"dw384@14", 14, 384, 384, 3, 1, Types::kCodes, true},
    {"dw960@7", 7, 960, 960, 3, 1, Types::kCodes, true},
    {"dw144@56,u8", 56, 144, 144, 3, 1, Types::kU8, true},
    {"dw960@7,u8", 7, 960, 960, 3, 1, Types::kU8, true},
    {"dw32@112,f32", 112, 32, 32, 3, 1, Types::kF32, true},
    {"dw96@112,stride2,f32", 112, 96, 96, 3, 2, Types::kF32, true},
    {"dw144@56,f32", 56, 144, 144, 3, 1, Types::kF32, true},
    {"dw384@14,f32", 14, 384, 384, 3, 1, Types::kF32, true},
    {"dw960@7,f32", 7, 960, 960, 3, 1, Types::kF32, true},
};

template <class T>
std::span<const std::byte> bytes(const std::vector<T>& values) {
  return std::as_bytes(std::span(values));
}

Operand<std::byte> random_bytes(std::size_t count) {
  std::mt19937 random(1);
  Operand<std::byte> made(count);
  std::ranges::generate(made, [&] { return static_cast<std::byte>(random()); });
  return made;
}

// Within -1..1.
Operand<std::byte> random_floats(std::size_t count) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(-1.0F, 1.0F);
  Operand<std::byte> made(count * sizeof(float));
  std::generate_n(elements_of<float>(std::span(made)), count, [&] { return uniform(random); });
  return made;
}

// The nodes of a layer with all that they refer to. The thresholds are not those of a trained
// network: they change the codes, not the time.
struct Nodes {
  explicit Nodes(const Layer& layer);
  Nodes(const Nodes&) = delete;
  Nodes& operator=(const Nodes&) = delete;

  Operand<std::byte> weights;
  std::vector<std::int16_t> thresholds;
  std::vector<float> real_thresholds;
  std::vector<float> scale;
  std::vector<std::int32_t> zero;
  Node conv{"conv", "layer", {0}, {}, {}};
  Node quantize{"quantize", "codes", {1}, {}, {}};
};

Nodes::Nodes(const Layer& layer) {
  const int row = layer.row();
  const std::size_t count = static_cast<std::size_t>(layer.out);
  if (layer.types == Types::kF32) {
    weights = random_floats(count * row);
  } else {
    weights = random_bytes(count * (layer.types == Types::kU8 ? row : ceil_div(row, 8)));
  }
  if (layer.types == Types::kCodes && row % 8 != 0) {
    for (std::size_t n = 1; n <= count; ++n) weights[n * ceil_div(row, 8) - 1] = std::byte{0};
  }
  for (std::size_t n = 0; n < count; ++n) {
    thresholds.insert(thresholds.end(), {-16, 0, 16});
    real_thresholds.insert(real_thresholds.end(), {-16, 0, 16});
  }
  scale.assign(count, 0.01F);
  zero.assign(layer.in, 128 << 16);
  conv.constants["weights"] = {layer.types == Types::kF32  ? ConstantType::kF32
                               : layer.types == Types::kU8 ? ConstantType::kS8
                                                           : ConstantType::kBit,
                               4,
                               {layer.out, layer.kernel, layer.kernel, layer.group_in()},
                               weights};
  if (layer.types == Types::kU8) {
    conv.constants["scale"] = {ConstantType::kF32, 1, {layer.out, 1, 1, 1}, bytes(scale)};
    conv.constants["zero"] = {ConstantType::kI32, 1, {layer.in, 1, 1, 1}, bytes(zero)};
    quantize.constants["thresholds"] = {
        ConstantType::kF32, 2, {layer.out, 3, 1, 1}, bytes(real_thresholds)};
  } else if (layer.types == Types::kCodes) {
    conv.constants["thresholds"] = {ConstantType::kI16, 2, {layer.out, 3, 1, 1}, bytes(thresholds)};
  }
  for (const char* key : {"pad_top", "pad_left", "pad_bottom", "pad_right"}) {
    conv.attributes[key] = layer.kernel / 2;
  }
  conv.attributes["stride_h"] = conv.attributes["stride_w"] = layer.stride;
  if (layer.depthwise) conv.attributes["groups"] = layer.in;
}

// Codes past the channels are zero, as layout.h requires.
Operand<std::byte> image(const ValueType& type) {
  if (type.dtype == DType::kF32) return random_floats(type.shape.elements());
  Operand<std::byte> made = random_bytes(value_bytes(type));
  const int used = type.shape.c % kernels::kWordBits;
  if (type.dtype != DType::kCode || used == 0) return made;
  const int words = plane_words(type.shape.c);
  Word* const all = elements_of<Word>(std::span(made));
  for (std::int64_t plane = 1; plane <= 2 * type.shape.pixels(); ++plane) {
    all[plane * words - 1] &= (Word{1} << used) - 1;
  }
  return made;
}

void run_step(benchmark::State& state, const Layer& layer, const kernels::Kernels& kernels) {
  const Nodes nodes(layer);
  const ValueType input = {layer.types == Types::kF32  ? DType::kF32
                           : layer.types == Types::kU8 ? DType::kU8
                                                       : DType::kCode,
                           {layer.side, layer.side, layer.in}};
  const Op& op = operator_of(nodes.conv);
  NodeView view = {nodes.conv, {&input, 1}, {}, {}};
  const ValueType made = op.infer(view);
  if (layer.types == Types::kU8) view.post_ops = {.quantize = &nodes.quantize, .f32_output = false};
  const auto step = op.prepare(view, kernels);

  const Operand<std::byte> in = image(input);
  Operand<std::byte> out(
      value_bytes({layer.types == Types::kF32 ? DType::kF32 : DType::kCode, made.shape}));
  Operand<std::byte> scratch(step->scratch_bytes());
  const std::array<std::span<const std::byte>, 1> inputs = {in};
  const std::array<std::span<std::byte>, 1> outputs = {out};
  ThreadPool pool(1);
  for (auto _ : state) {
    step->run({inputs, outputs, scratch}, pool);
    benchmark::ClobberMemory();
  }
  const double macs = static_cast<double>(made.shape.elements()) * layer.row();
  state.SetLabel(std::string(step->kernel()));
  report(state, macs, peak(kernels.isa, step->kernel()));
}

}  // namespace

void register_steps() {
  for (const kernels::Kernels& kernels : kernels::available()) {
    for (const Layer& layer : kLayers) {
      benchmark::RegisterBenchmark(
          (std::string("step/") + layer.name + "/" + kernels.isa).c_str(),
          [&](benchmark::State& state) { run_step(state, layer, kernels); });
    }
  }
}

}  // namespace edgebin::benchmarks
