// Whole convolutions of one image, codes or bytes in, codes out, as a session runs them.
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

struct Layer {
  const char* name;
  int side;  // of the input
  int in;
  int out;
  int kernel = 3;
  int stride = 1;
  bool first = false;  // u8 input and s8 weights
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
    {"3->64@224,7x7,stride2,u8", 224, 3, 64, 7, 2, true},
    {"3->128@32,u8", 32, 3, 128, 3, 1, true},
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
  const int row = layer.kernel * layer.kernel * layer.in;
  const std::size_t count = static_cast<std::size_t>(layer.out);
  weights = random_bytes(count * (layer.first ? row : ceil_div(row, 8)));
  if (!layer.first && row % 8 != 0) {
    for (std::size_t n = 1; n <= count; ++n) weights[n * ceil_div(row, 8) - 1] = std::byte{0};
  }
  for (std::size_t n = 0; n < count; ++n) {
    thresholds.insert(thresholds.end(), {-16, 0, 16});
    real_thresholds.insert(real_thresholds.end(), {-16, 0, 16});
  }
  scale.assign(count, 0.01F);
  zero.assign(layer.in, 128 << 16);
  conv.constants["weights"] = {layer.first ? ConstantType::kS8 : ConstantType::kBit,
                               4,
                               {layer.out, layer.kernel, layer.kernel, layer.in},
                               weights};
  if (layer.first) {
    conv.constants["scale"] = {ConstantType::kF32, 1, {layer.out, 1, 1, 1}, bytes(scale)};
    conv.constants["zero"] = {ConstantType::kI32, 1, {layer.in, 1, 1, 1}, bytes(zero)};
    quantize.constants["thresholds"] = {
        ConstantType::kF32, 2, {layer.out, 3, 1, 1}, bytes(real_thresholds)};
  } else {
    conv.constants["thresholds"] = {ConstantType::kI16, 2, {layer.out, 3, 1, 1}, bytes(thresholds)};
  }
  for (const char* key : {"pad_top", "pad_left", "pad_bottom", "pad_right"}) {
    conv.attributes[key] = layer.kernel / 2;
  }
  conv.attributes["stride_h"] = conv.attributes["stride_w"] = layer.stride;
}

// Codes past the channels are zero, as layout.h requires.
Operand<std::byte> image(const ValueType& type) {
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
  const ValueType input = {layer.first ? DType::kU8 : DType::kCode,
                           {layer.side, layer.side, layer.in}};
  const Op& op = operator_of(nodes.conv);
  NodeView view = {nodes.conv, {&input, 1}, {}, {}};
  const Shape out = op.infer(view).shape;
  if (layer.first) view.post_ops = {.quantize = &nodes.quantize, .f32_output = false};
  const auto step = op.prepare(view, kernels);

  const Operand<std::byte> in = image(input);
  Operand<std::byte> codes(value_bytes({DType::kCode, out}));
  Operand<std::byte> scratch(step->scratch_bytes());
  const std::array<std::span<const std::byte>, 1> inputs = {in};
  const std::array<std::span<std::byte>, 1> outputs = {codes};
  ThreadPool pool(1);
  for (auto _ : state) {
    step->run({inputs, outputs, scratch}, pool);
    benchmark::ClobberMemory();
  }
  const double macs = static_cast<double>(out.elements()) * layer.kernel * layer.kernel * layer.in;
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
