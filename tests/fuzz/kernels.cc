// Any bytes as operands of a kernel: every implementation on this machine gives the same bits as
// "scalar", for each kernel of kernel_list.h. (Table lookup, which "scalar" lacks, is compared with
// naive sums, and so are matrix tiles.) The first byte chooses the kernel.
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <type_traits>
#include <vector>

#include "base/float_bits.h"
#include "fuzz/operands.h"
#include "kernels/depthwise_operands.h"
#include "kernels/dispatch.h"
#include "kernels/lookup_operands.h"
#include "kernels/matrix_tiles_operands.h"

namespace edgebin::fuzz {
namespace {

using kernels::Kernels;
using kernels::Matrix;
using kernels::Word;

const Kernels& scalar() { return kernels::available().back(); }

// The output of a kernel.
using Bits = FloatBits;

void append(Bits& bits, const std::vector<float>& values) {
  for (const float value : values) bits.push_back(edgebin::bits_of(value));
}

void append(Bits& bits, const std::vector<std::int16_t>& values) {
  for (const std::int16_t value : values) bits.push_back(static_cast<std::uint16_t>(value));
}

void append(Bits& bits, const std::vector<std::uint8_t>& values) {
  bits.insert(bits.end(), values.begin(), values.end());
}

void append(Bits& bits, const std::vector<std::int32_t>& values) {
  for (const std::int32_t value : values) bits.push_back(static_cast<std::uint32_t>(value));
}

void append(Bits& bits, const std::vector<Word>& words) {
  for (const Word word : words) {
    bits.push_back(static_cast<std::uint32_t>(word));
    bits.push_back(static_cast<std::uint32_t>(word >> 32));
  }
}

// `run` draws its operands from the bytes, the same for each implementation, and returns the
// output.
void expect_scalar(Bytes bytes, const std::function<Bits(const Kernels&, Bytes)>& run) {
  const Bits expected = run(scalar(), bytes);
  for (const Kernels& kernels : kernels::available()) {
    if (run(kernels, bytes) != expected) std::abort();
  }
}

// A number of channels that is a multiple of every implementation's tile.
int tiled_channels(Bytes& bytes, int Kernels::* tile) {
  int multiple = 1;
  for (const Kernels& kernels : kernels::available()) multiple = std::max(multiple, kernels.*tile);
  return multiple * bytes.pick(1, 3);
}

Bits bit_serial(const Kernels& kernels, Bytes bytes) {
  const int pixels = bytes.pick(1, 9);
  const int words = bytes.pick(1, 20);
  const int channels = tiled_channels(bytes, &Kernels::bit_serial_tile);
  std::vector<Word> rows(static_cast<std::size_t>(pixels) * 2 * words);
  Matrix<Word> weights(channels, words);
  bytes.fill(rows);
  bytes.fill(weights.values);
  std::vector<std::int32_t> acc(static_cast<std::size_t>(pixels) * channels, -1);
  kernels.bit_serial(rows.data(), tiled(weights, kernels.bit_serial_tile, 1).data(), acc.data(),
                     pixels, channels, words);
  Bits bits;
  append(bits, acc);
  return bits;
}

Bits u8s8(const Kernels& kernels, Bytes bytes) {
  const int pixels = bytes.pick(1, 40);
  const int depth = kernels::kWordBits * bytes.pick(1, 5);  // which every unit and row divides
  const int channels = tiled_channels(bytes, &Kernels::u8s8_tile);
  std::vector<std::uint8_t> rows(static_cast<std::size_t>(pixels) * depth);
  Matrix<std::int8_t> weights(channels, depth);
  bytes.fill(rows);
  bytes.fill(weights.values);
  std::vector<std::int32_t> acc(static_cast<std::size_t>(pixels) * channels, -1);
  kernels.u8s8(rows.data(), tiled(weights, kernels.u8s8_tile, kernels.u8s8_unit).data(), acc.data(),
               pixels, channels, depth);
  Bits bits;
  append(bits, acc);
  return bits;
}

Bits f32(const Kernels& kernels, Bytes bytes) {
  const int pixels = bytes.pick(1, 9);
  const int depth = bytes.pick(1, 70);
  const int channels = tiled_channels(bytes, &Kernels::f32_tile);
  std::vector<float> rows(static_cast<std::size_t>(pixels) * depth);
  Matrix<float> weights(channels, depth);
  bytes.fill(rows);
  bytes.fill(weights.values);
  std::vector<float> acc(static_cast<std::size_t>(pixels) * channels, -1.0f);
  kernels.f32(rows.data(), tiled(weights, kernels.f32_tile, 1).data(), acc.data(), pixels, channels,
              depth);
  Bits bits;
  append(bits, acc);
  return bits;
}

// [3][stride], ascending and not NaN, as in a file.
template <class T>
std::vector<T> thresholds(Bytes& bytes, int channels, int stride) {
  std::vector<T> out(std::size_t{3} * stride);
  for (int n = 0; n < channels; ++n) {
    std::array<T, 3> row{};
    for (T& value : row) {
      value = bytes.value<T>();
      if (value != value) value = T{0};
    }
    std::ranges::sort(row);
    for (int j = 0; j < 3; ++j) out[j * stride + n] = row[j];
  }
  return out;
}

struct Shape {
  explicit Shape(Bytes& bytes)
      : pixels(bytes.pick(1, 6)),
        channels(bytes.pick(1, 200)),
        step(channels + bytes.pick(0, 9)),
        stride(align_up(channels, kernels::kWordBits)),
        words(stride / kernels::kWordBits) {}

  std::size_t sums() const { return static_cast<std::size_t>(pixels) * step; }
  std::size_t planes() const { return std::size_t{2} * pixels * words; }
  kernels::CodesOut codes(std::vector<Word>& out) const {
    return {out.data(), std::ptrdiff_t{2} * words, words};
  }

  int pixels;
  int channels;
  int step;
  int stride;
  int words;
};

template <class Sum>
Bits threshold(kernels::ThresholdFn<Sum> kernel, Bytes bytes) {
  const Shape shape(bytes);
  std::vector<Sum> sums(shape.sums() + kernels::kSumSlack / sizeof(Sum));
  bytes.fill(sums);
  const auto steps = thresholds<Sum>(bytes, shape.channels, shape.stride);
  std::vector<Word> codes(shape.planes(), ~Word{0});
  kernel({.sums = sums.data(),
          .sum_step = shape.step,
          .pixels = shape.pixels,
          .channels = shape.channels,
          .thresholds = steps.data(),
          .stride = shape.stride,
          .codes = shape.codes(codes)});
  Bits bits;
  append(bits, codes);
  return bits;
}

Bits threshold_i16(const Kernels& kernels, Bytes bytes) {
  return threshold(kernels.threshold_i16, bytes);
}

Bits threshold_i32(const Kernels& kernels, Bytes bytes) {
  return threshold(kernels.threshold_i32, bytes);
}

template <class Sum>
Bits epilogue(kernels::EpilogueFn<Sum> kernel, Bytes bytes) {
  const Shape shape(bytes);
  const int parts = bytes.byte();
  const bool scales = !std::is_same_v<Sum, float> || (parts & 1) != 0;
  const bool adds = (parts & 2) != 0;
  const bool shows = adds || (parts & 4) != 0;
  const bool codes_wanted = !shows || (parts & 8) != 0;
  std::vector<Sum> sums(shape.sums() + kernels::kSumSlack / sizeof(Sum));
  bytes.fill(sums);
  std::vector<float> scale(shape.channels);
  std::vector<float> bias(shape.channels);
  std::vector<float> sign(shape.channels);
  std::vector<float> added(shape.sums());
  bytes.fill(scale);
  bytes.fill(bias);
  bytes.fill(added);
  for (float& each : sign) each = bytes.byte() % 2 == 0 ? 1.0f : -1.0f;
  const auto steps = thresholds<float>(bytes, shape.channels, shape.stride);
  std::vector<float> y(shape.sums(), -1.0f);
  std::vector<Word> codes(shape.planes(), ~Word{0});
  kernel({.sums = sums.data(),
          .sum_step = shape.step,
          .pixels = shape.pixels,
          .channels = shape.channels,
          .scale = scales ? scale.data() : nullptr,
          .bias = scales ? bias.data() : nullptr,
          .added = adds ? added.data() : nullptr,
          .y = shows ? y.data() : nullptr,
          .y_step = shape.step,
          .sign = codes_wanted ? sign.data() : nullptr,
          .thresholds = codes_wanted ? steps.data() : nullptr,
          .stride = shape.stride,
          .codes = codes_wanted ? shape.codes(codes) : kernels::CodesOut{}});
  Bits bits;
  append(bits, y);
  append(bits, codes);
  return bits;
}

Bits epilogue_i16(const Kernels& kernels, Bytes bytes) {
  return epilogue(kernels.epilogue_i16, bytes);
}

Bits epilogue_i32(const Kernels& kernels, Bytes bytes) {
  return epilogue(kernels.epilogue_i32, bytes);
}

Bits epilogue_f32(const Kernels& kernels, Bytes bytes) {
  return epilogue(kernels.epilogue_f32, bytes);
}

template <class T>
std::vector<const T*> taps_of(const std::vector<T>& values, int count, int channels) {
  std::vector<const T*> taps;
  for (int t = 0; t < count; ++t) taps.push_back(values.data() + std::ptrdiff_t{t} * channels);
  return taps;
}

// `reduce` is called with the taps of one window, their number, the channels and the output.
template <class Reduce>
Bits reduced(Bytes& bytes, const Reduce& reduce) {
  const int count = bytes.pick(0, 12);
  const int channels = bytes.pick(1, 200);
  std::vector<float> values(static_cast<std::size_t>(count) * channels);
  bytes.fill(values);
  std::vector<float> y(channels, -1.0f);
  reduce(taps_of(values, count, channels).data(), count, channels, y.data());
  Bits bits;
  append(bits, y);
  return bits;
}

Bits max(const Kernels& kernels, Bytes bytes) { return reduced(bytes, kernels.max); }

Bits mean(const Kernels& kernels, Bytes bytes) {
  const auto divisor = static_cast<float>(bytes.pick(1, 999));
  return reduced(bytes, [&](const float* const* taps, int count, int channels, float* y) {
    kernels.mean(taps, count, channels, divisor, y);
  });
}

Bits max_sum(const Kernels& kernels, Bytes bytes) {
  const int count = bytes.pick(1, 12);
  const int channels = bytes.pick(1, 200);
  std::vector<std::int32_t> values(static_cast<std::size_t>(count) * channels);
  std::vector<std::int32_t> flip(channels);
  bytes.fill(values);
  for (std::int32_t& each : flip) each = -(bytes.byte() & 1);
  std::vector<std::int32_t> y(channels, -1);
  kernels.max_sum(taps_of(values, count, channels).data(), count, channels, flip.data(), y.data());
  Bits bits;
  append(bits, y);
  return bits;
}

Bits expand(const Kernels& kernels, Bytes bytes) {
  const int pixels = bytes.pick(1, 5);
  const int channels = kernels::kDepthwiseUnit * bytes.pick(1, 13);
  const int words = ceil_div(channels, kernels::kWordBits);
  std::vector<Word> planes(std::size_t{2} * pixels * words);
  bytes.fill(planes);
  std::vector<std::uint8_t> codes(static_cast<std::size_t>(pixels) * channels, 9);
  kernels.expand({.words = planes.data(),
                  .step = std::ptrdiff_t{2} * words,
                  .plane = words,
                  .pixels = pixels,
                  .channels = channels,
                  .bytes = codes.data(),
                  .byte_step = channels});
  Bits bits;
  append(bits, codes);
  return bits;
}

// `draw_input` and `draw_weight` turn any value of the type into one that the kernel takes.
template <class Input, class Weight, class Sum, class DrawInput, class DrawWeight>
Bits depthwise(void (*kernel)(const kernels::DepthwiseTask<Input, Weight, Sum>& task), int unit,
               Bytes& bytes, const DrawInput& draw_input, const DrawWeight& draw_weight) {
  const kernels::DepthwiseShape shape = {.channels = unit * bytes.pick(1, 144 / unit),
                                         .pixels = bytes.pick(1, 11),
                                         .rows = bytes.pick(1, 8),
                                         .columns = bytes.pick(1, 8),
                                         .stride = bytes.pick(1, 2),
                                         .dilation = bytes.pick(1, 2),
                                         .first = bytes.pick(0, 1),
                                         .left_out = bytes.pick(0, 1),
                                         .gap = bytes.pick(0, 9)};
  Matrix<Input> input(shape.rows * shape.width(), shape.channels);
  Matrix<Weight> weights(shape.taps(), shape.channels);
  bytes.fill(input.values);
  bytes.fill(weights.values);
  std::ranges::transform(input.values, input.values.begin(), draw_input);
  std::ranges::transform(weights.values, weights.values.begin(), draw_weight);
  Bits bits;
  append(bits, depthwise_sums(kernel, shape, input, weights, Sum{3}).values);
  return bits;
}

Bits depthwise_codes(const Kernels& kernels, Bytes bytes) {
  return depthwise(
      kernels.depthwise_codes, kernels::kDepthwiseUnit, bytes,
      [](std::uint8_t code) { return static_cast<std::uint8_t>(code & 3); },
      [](std::int8_t weight) { return static_cast<std::int8_t>(weight < 0 ? -1 : 1); });
}

Bits depthwise_u8(const Kernels& kernels, Bytes bytes) {
  return depthwise(
      kernels.depthwise_u8, kernels::kDepthwiseUnit, bytes, std::identity(),
      [](std::int16_t weight) { return static_cast<std::int16_t>((weight & 255) - 128); });
}

// Weights of a file are finite.
Bits depthwise_f32(const Kernels& kernels, Bytes bytes) {
  return depthwise(kernels.depthwise_f32, 1, bytes, std::identity(),
                   [](float weight) { return weight - weight == 0.0f ? weight : 1.0f; });
}

// Rows, or pixels, of f32.
struct Floats {
  explicit Floats(Bytes& bytes) : x(bytes.pick(1, 40), bytes.pick(1, 200)) { bytes.fill(x.values); }

  // The output of a kernel that writes `count` values.
  template <class Run>
  Bits output(std::size_t count, const Run& run) const {
    std::vector<float> y(count, -1.0f);
    run(y.data());
    Bits bits;
    append(bits, y);
    return bits;
  }

  Matrix<float> x;
};

Bits reduce_rows(kernels::RowsFn kernel, Bytes& bytes) {
  const Floats floats(bytes);
  const Matrix<float>& x = floats.x;
  return floats.output(static_cast<std::size_t>(x.columns), [&](float* y) {
    kernel({.x = x.values.data(),
            .row_step = x.columns,
            .rows = x.rows,
            .channels = x.columns,
            .y = y});
  });
}

Bits sum_rows(const Kernels& kernels, Bytes bytes) { return reduce_rows(kernels.sum_rows, bytes); }

Bits max_rows(const Kernels& kernels, Bytes bytes) { return reduce_rows(kernels.max_rows, bytes); }

Bits reduce_pixels(kernels::PixelsFn kernel, Bytes& bytes) {
  const Floats floats(bytes);
  const Matrix<float>& x = floats.x;
  return floats.output(static_cast<std::size_t>(x.rows),
                       [&](float* y) { kernel(x.values.data(), x.rows, x.columns, y); });
}

Bits sum_channels(const Kernels& kernels, Bytes bytes) {
  return reduce_pixels(kernels.sum_channels, bytes);
}

Bits max_channels(const Kernels& kernels, Bytes bytes) {
  return reduce_pixels(kernels.max_channels, bytes);
}

Bits argmax(const Kernels& kernels, Bytes bytes) { return reduce_pixels(kernels.argmax, bytes); }

Bits l2_normalize(const Kernels& kernels, Bytes bytes) {
  const float eps = bytes.pick(0, 1) == 0 ? 0.0f : 1e-5f;
  const Floats floats(bytes);
  const Matrix<float>& x = floats.x;
  return floats.output(x.values.size(), [&](float* y) {
    kernels.l2_normalize(x.values.data(), x.rows, x.columns, eps, y);
  });
}

Bits moment_rows(const Kernels& kernels, Bytes bytes) {
  const bool squares = bytes.pick(0, 1) == 1;
  const Floats floats(bytes);
  const Matrix<float>& x = floats.x;
  std::vector<double> means(x.columns);
  for (double& mean : means) mean = bytes.pick(0, 999) / 7.0;
  std::vector<double> sums(x.columns, -1.0);
  kernels.moment_rows({.x = x.values.data(),
                       .row_step = x.columns,
                       .rows = x.rows,
                       .channels = x.columns,
                       .means = squares ? means.data() : nullptr,
                       .y = sums.data()});
  Bits bits;
  for (const double sum : sums) {
    const auto exact = std::bit_cast<std::uint64_t>(sum);
    append(bits, std::vector<Word>{sum == sum ? exact : 0});
  }
  return bits;
}

Bits group_norm(const Kernels& kernels, Bytes bytes) {
  const Floats floats(bytes);
  const Matrix<float>& x = floats.x;
  std::vector<double> means(x.columns);
  std::vector<double> factors(x.columns);
  std::vector<float> scale(x.columns);
  std::vector<float> bias(x.columns);
  for (double& mean : means) mean = bytes.pick(0, 999) / 7.0;
  for (double& factor : factors) factor = bytes.pick(1, 999) / 7.0;
  bytes.fill(scale);
  bytes.fill(bias);
  return floats.output(x.values.size(), [&](float* y) {
    kernels.group_norm({.x = x.values.data(),
                        .pixels = x.rows,
                        .channels = x.columns,
                        .means = means.data(),
                        .factors = factors.data(),
                        .scale = scale.data(),
                        .bias = bias.data(),
                        .y = y});
  });
}

Bits layer_norm(const Kernels& kernels, Bytes bytes) {
  const double eps = bytes.pick(0, 1) == 0 ? 0.0 : 1e-5;
  const Floats floats(bytes);
  const Matrix<float>& x = floats.x;
  std::vector<float> scale(x.columns);
  std::vector<float> bias(x.columns);
  bytes.fill(scale);
  bytes.fill(bias);
  return floats.output(x.values.size(), [&](float* y) {
    kernels.layer_norm({.x = x.values.data(),
                        .pixels = x.rows,
                        .channels = x.columns,
                        .scale = scale.data(),
                        .bias = bias.data(),
                        .eps = eps,
                        .y = y});
  });
}

Bits unary(kernels::UnaryFn kernel, Bytes& bytes) {
  const Floats floats(bytes);
  const std::vector<float>& x = floats.x.values;
  return floats.output(x.size(), [&](float* y) { kernel(x.data(), std::ssize(x), y); });
}

Bits exp(const Kernels& kernels, Bytes bytes) { return unary(kernels.exp, bytes); }

Bits sigmoid(const Kernels& kernels, Bytes bytes) { return unary(kernels.sigmoid, bytes); }

Bits tanh(const Kernels& kernels, Bytes bytes) { return unary(kernels.tanh, bytes); }

Bits silu(const Kernels& kernels, Bytes bytes) { return unary(kernels.silu, bytes); }

Bits gelu(const Kernels& kernels, Bytes bytes) { return unary(kernels.gelu, bytes); }

Bits gelu_tanh(const Kernels& kernels, Bytes bytes) { return unary(kernels.gelu_tanh, bytes); }

Bits hard_sigmoid(const Kernels& kernels, Bytes bytes) {
  return unary(kernels.hard_sigmoid, bytes);
}

Bits hard_swish(const Kernels& kernels, Bytes bytes) { return unary(kernels.hard_swish, bytes); }

Bits clamp(const Kernels& kernels, Bytes bytes) {
  std::vector<float> limits(2);
  bytes.fill(limits);
  const Floats floats(bytes);
  const std::vector<float>& x = floats.x.values;
  return floats.output(
      x.size(), [&](float* y) { kernels.clamp(x.data(), std::ssize(x), limits[0], limits[1], y); });
}

Bits elu(const Kernels& kernels, Bytes bytes) {
  std::vector<float> alpha(1);
  bytes.fill(alpha);
  const Floats floats(bytes);
  const std::vector<float>& x = floats.x.values;
  return floats.output(x.size(),
                       [&](float* y) { kernels.elu(x.data(), std::ssize(x), alpha[0], y); });
}

Bits prelu(const Kernels& kernels, Bytes bytes) {
  const Floats floats(bytes);
  const Matrix<float>& x = floats.x;
  std::vector<float> slope(x.columns);
  bytes.fill(slope);
  return floats.output(x.values.size(), [&](float* y) {
    kernels.prelu(x.values.data(), x.rows, x.columns, slope.data(), y);
  });
}

Bits binary(kernels::BinaryFn kernel, Bytes& bytes) {
  const int ones = bytes.pick(0, 2);  // neither, a, b
  const Floats floats(bytes);
  const std::vector<float>& a = floats.x.values;
  std::vector<float> b(a.size());
  bytes.fill(b);
  return floats.output(a.size(), [&](float* y) {
    kernel({.a = a.data(),
            .b = b.data(),
            .a_is_one = ones == 1,
            .b_is_one = ones == 2,
            .count = std::ssize(a),
            .y = y});
  });
}

Bits add(const Kernels& kernels, Bytes bytes) { return binary(kernels.add, bytes); }

Bits sub(const Kernels& kernels, Bytes bytes) { return binary(kernels.sub, bytes); }

Bits mul(const Kernels& kernels, Bytes bytes) { return binary(kernels.mul, bytes); }

void check_lookups(Bytes bytes) {
  for (const Kernels& kernels : kernels::available()) {
    for (int i = 0; i < kernels.lookup_count; ++i) {
      const kernels::Lookup& lookup = kernels.lookups[i];
      Bytes rest = bytes;
      const kernels::LookupShape shape = {.channels = rest.pick(1, 140),
                                          .outputs = lookup.tile,
                                          .vectors = rest.pick(1, lookup.max_vectors),
                                          .rows = rest.pick(1, 2),
                                          .taps = rest.pick(1, kernels::kMaxTaps)};
      const int slots = lookup.lanes * shape.vectors + shape.taps - 1;
      Matrix<std::uint8_t> codes(shape.rows * slots, shape.channels);
      Matrix<std::int8_t> signs(shape.outputs, shape.rows * shape.taps * shape.channels);
      for (std::uint8_t& code : codes.values) code = rest.byte() & 3;
      for (std::int8_t& sign : signs.values) sign = (rest.byte() & 1) == 0 ? 1 : -1;
      if (looked_up(lookup, shape, codes, signs) != counted(lookup, shape, codes, signs)) {
        std::abort();
      }
    }
  }
}

void check_matrix_tiles(Bytes bytes) {
  for (const Kernels& kernels : kernels::available()) {
    if (kernels.matrix_tiles.name == nullptr) continue;
    Bytes rest = bytes;
    kernels::TilesShape shape = {.tiles = rest.pick(1, kernels::kMaxTiles),
                                 .channels = kernels::kTileChannels * rest.pick(1, 5),
                                 .row_bytes = kernels::kTileDepth * rest.pick(1, 3),
                                 .offsets = {}};
    for (int s = rest.pick(1, 9); s > 0; --s) {
      shape.offsets.push_back(std::ptrdiff_t{kernels::kTileDepth} * rest.pick(0, 9));
    }
    const int row_bytes = shape.positions() * shape.row_bytes + 9 * kernels::kTileDepth;
    Operand<std::uint8_t> rows(static_cast<std::size_t>(row_bytes));
    Matrix<std::int8_t> signs(shape.channels, shape.steps() * kernels::kTileDepth);
    for (std::uint8_t& code : rows) code = rest.byte() & 3;
    for (std::int8_t& sign : signs.values) sign = (rest.byte() & 1) == 0 ? 1 : -1;
    if (multiplied(kernels.matrix_tiles, shape, rows, signs) != counted(shape, rows, signs)) {
      std::abort();
    }
  }
}

// One for each kernel of the list, by its name.
constexpr Bits (*kKernels[])(const Kernels&, Bytes) = {
#define EDGEBIN_ENTRY(kernel, type) kernel,
    EDGEBIN_KERNELS(EDGEBIN_ENTRY)
#undef EDGEBIN_ENTRY
};

void check(std::uint8_t kernel, Bytes bytes) {
  const std::size_t chosen = kernel % (std::size(kKernels) + 2);
  if (chosen < std::size(kKernels)) {
    expect_scalar(bytes, kKernels[chosen]);
  } else if (chosen == std::size(kKernels)) {
    check_matrix_tiles(bytes);
  } else {
    check_lookups(bytes);
  }
}

}  // namespace
}  // namespace edgebin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 0) edgebin::fuzz::check(data[0], edgebin::fuzz::Bytes({data + 1, size - 1}));
  return 0;
}
