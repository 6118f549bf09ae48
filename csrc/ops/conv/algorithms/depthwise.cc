// Convolutions with one input channel per group. A row of weights has one element per tap, too few
// to fill a word or a vector, so the vectors run over channels: tap by tap, weight x input is added
// to all channels of a few output pixels. That is also the order in which f32 must be summed. Taps
// outside the image are left out: pixels whose windows lack the same columns are computed together.
//
// The output is divided into bands of rows and blocks of channels (DepthwiseRows copies a block's
// input rows into a ring), a row into tiles of columns, whose sums fit the first-level cache.
#include <algorithm>

#include "ops/constants.h"
#include "ops/conv/algorithms/algorithms.h"
#include "ops/conv/algorithms/depthwise_rows.h"
#include "ops/conv/epilogue/epilogue.h"
#include "ops/conv/split.h"

namespace edgebin {
namespace {

// The types of a kernel's operands: Input, where codes are expanded to u8, Weight, and Sum.
struct Codes {
  using Task = kernels::DepthwiseCodesTask;
  using Input = std::uint8_t;
  using Weight = std::int8_t;
  using Sum = std::int16_t;
  static kernels::DepthwiseCodesFn kernel(const kernels::Kernels& kernels) {
    return kernels.depthwise_codes;
  }
};

struct U8 {
  using Task = kernels::DepthwiseU8Task;
  using Input = std::uint8_t;
  using Weight = std::int16_t;
  using Sum = std::int32_t;
  static kernels::DepthwiseU8Fn kernel(const kernels::Kernels& kernels) {
    return kernels.depthwise_u8;
  }
};

struct F32 {
  using Task = kernels::DepthwiseF32Task;
  using Input = float;
  using Weight = float;
  using Sum = float;
  static kernels::DepthwiseF32Fn kernel(const kernels::Kernels& kernels) {
    return kernels.depthwise_f32;
  }
};

// The weights [taps][channels] of the output channels, the integers padded to whole units.
template <class Types>
Operand<typename Types::Weight> pack(const ConvSpec& spec, int padded_channels) {
  using Weight = typename Types::Weight;
  using Read = std::conditional_t<std::is_same_v<Types, F32>, float, std::int32_t>;
  const auto taps = static_cast<std::size_t>(spec.geometry.taps());
  auto packed = make_operand<Weight>(std::uint64_t{taps} * padded_channels);
  std::vector<Read> row(taps);
  for (int n = 0; n < spec.geometry.out.c; ++n) {
    read_row(*spec.weights, n, std::span(row));
    for (std::size_t tap = 0; tap < taps; ++tap) {
      packed[tap * padded_channels + n] = static_cast<Weight>(row[tap]);
    }
  }
  return packed;
}

int padded_channels(const ConvGeometry& geometry, bool f32) {
  return f32 ? geometry.out.c : align_up(geometry.out.c, kernels::kDepthwiseUnit);
}

template <class Types>
class DepthwiseConv final : public Step {
  using Input = typename Types::Input;
  using Sum = typename Types::Sum;

 public:
  DepthwiseConv(const ConvSpec& spec, const kernels::Kernels& kernels)
      : geometry_(spec.geometry),
        kernel_(Types::kernel(kernels)),
        channels_(padded_channels(geometry_, kF32)),
        block_(block_channels(spec, channels_)),
        tile_(tile_pixels(geometry_.out.w, block_)),
        rows_(spec, kernels, block_),
        epilogue_(spec, kernels),
        weights_(pack<Types>(spec, channels_)) {}

  std::string_view kernel() const noexcept override { return "depthwise"; }

  Bytes scratch_bytes() const noexcept override {
    return sums_bytes() + pointers_bytes() + align_up(rows_.scratch_bytes(), kCacheLine);
  }

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const Split split = best_split(split_work(), pool.threads());
    const int channels = std::min(split.units * kernels::kWordBits, block_);
    const int bands = ceil_div(geometry_.out.h, split.rows);
    const int blocks = ceil_div(geometry_.out.c, channels);
    pool.parallel_for(bands * blocks, [&](int index, int worker) {
      const int top = index / blocks * split.rows;
      const int first = index % blocks * channels;
      run_part(buffers,
               {.top = top,
                .bottom = std::min(top + split.rows, geometry_.out.h),
                .first = first,
                .channels = std::min(channels, geometry_.out.c - first)},
               share_of(buffers.scratch, scratch_bytes(), worker));
    });
  }

 private:
  static constexpr bool kF32 = std::is_same_v<Types, F32>;
  static constexpr Bytes kRingBytes = 32768;  // of a block's rows, where that allows 64 channels
  static constexpr int kSumBytes = 16384;     // of a tile's sums: half of a first-level cache
  static constexpr int kPixelStep = 8;        // kernels take so many pixels at a time

  // Output rows top..bottom, channels first..first + channels.
  struct Part {
    int top;
    int bottom;
    int first;
    int channels;
  };

  // The input rows of a window that lie inside the image.
  struct WindowRows {
    const Input** rows;
    Taps taps;
  };

  static int block_channels(const ConvSpec& spec, int channels) {
    constexpr int kMost = kSumBytes / (int{sizeof(Sum)} * kPixelStep);
    if (DepthwiseRows<Input>::in_place(spec)) return std::min(channels, kMost);
    const Bytes each = Bytes{sizeof(Input)} * DepthwiseRows<Input>::ring_rows(spec.geometry) *
                       spec.geometry.in.w * kernels::kWordBits;
    const auto words = static_cast<int>(std::max(kRingBytes / each, Bytes{1}));
    return std::min(
        {align_up(channels, kernels::kDepthwiseUnit), kMost, words * kernels::kWordBits});
  }

  static int tile_pixels(int width, int channels) {
    const int fitting = kSumBytes / (int{sizeof(Sum)} * channels);
    return std::min(std::max(fitting / kPixelStep * kPixelStep, kPixelStep), width);
  }

  SplitWork split_work() const {
    const Axis& rows = geometry_.window.rows;
    const bool copies = rows_.scratch_bytes() > 0;
    return {.column_tiles = 1,
            .rows = geometry_.out.h,
            .units = ceil_div(geometry_.out.c, kernels::kWordBits),
            .build = 0.0,
            .multiply = double{1} * geometry_.taps() + (copies ? rows.stride : 0),
            .rebuild = copies ? std::max(rows.extent() - rows.stride, 0) : 0.0};
  }

  Bytes sums_bytes() const {
    const Bytes sums = Bytes{sizeof(Sum)} * tile_ * block_;
    return align_up(sums + kernels::kSumSlack, kCacheLine);
  }

  Bytes pointers_bytes() const {
    const int rows = std::min(geometry_.window.rows.kernel, geometry_.in.h);
    return align_up(Bytes{sizeof(const Input*)} * rows, kCacheLine);
  }

  void run_part(const Buffers& buffers, const Part& part,
                std::span<std::byte> scratch) const noexcept {
    Sum* const sums = elements_of<Sum>(scratch);
    const auto pointers = share_of(scratch, sums_bytes(), 1);
    const auto ring = share_of(pointers, pointers_bytes(), 1);
    rows_.clear(ring);
    for (int y = part.top; y < part.bottom; ++y) {
      const Axis& axis = geometry_.window.rows;
      const WindowRows window = {elements_of<const Input*>(pointers),
                                 axis.inside(y, geometry_.in.h)};
      for (int tap = window.taps.begin; tap < window.taps.end; ++tap) {
        window.rows[tap - window.taps.begin] =
            rows_.row(buffers.inputs[0], axis.start(y) + tap * axis.dilation, part.first,
                      part.channels, ring);
      }
      for (int x = 0; x < geometry_.out.w; x += tile_) {
        const int pixels = std::min(tile_, geometry_.out.w - x);
        add_taps(window, x, pixels, part, sums);
        const int pixel = y * geometry_.out.w + x;
        epilogue_.store({sums, block_, pixel, pixel, pixels, part.first, part.channels}, buffers);
      }
    }
  }

  // Computes the sums of `pixels` output pixels of a row, from column x on.
  void add_taps(const WindowRows& window, int x, int pixels, const Part& part,
                Sum* sums) const noexcept {
    const Axis& axis = geometry_.window.columns;
    const Interior interior = axis.interior(geometry_.in.w);
    for (const int end = x + pixels; x < end;) {
      const bool inside = interior.begin <= x && x < interior.end;
      const int count = inside ? std::min(interior.end, end) - x : 1;
      add_taps(window, x, axis.inside(x, geometry_.in.w), count, part, sums);
      sums += std::ptrdiff_t{count} * block_;
      x += count;
    }
  }

  // The same, of pixels whose windows have the same columns inside the image.
  void add_taps(const WindowRows& window, int x, const Taps& columns, int pixels, const Part& part,
                Sum* sums) const noexcept {
    if (window.taps.begin == window.taps.end || columns.begin == columns.end) {
      std::fill_n(sums, std::ptrdiff_t{pixels} * block_, Sum{0});
      return;
    }
    const Axis& axis = geometry_.window.columns;
    const std::ptrdiff_t step = rows_.step();
    const int tap = window.taps.begin * axis.kernel + columns.begin;
    kernel_({.rows = window.rows,
             .row_count = window.taps.end - window.taps.begin,
             .columns = columns.end - columns.begin,
             .offset = (axis.start(x) + columns.begin * axis.dilation) * step,
             .column_step = axis.dilation * step,
             .pixel_step = axis.stride * step,
             .weights = weights_.data() + std::ptrdiff_t{tap} * channels_ + part.first,
             .weight_row_step = std::ptrdiff_t{axis.kernel} * channels_,
             .weight_step = channels_,
             .pixels = pixels,
             .channels = kF32 ? part.channels : align_up(part.channels, kernels::kDepthwiseUnit),
             .sums = sums,
             .sum_step = block_});
  }

  ConvGeometry geometry_;
  void (*kernel_)(const typename Types::Task& task);
  int channels_;  // of the weights, padded
  int block_;     // channels, at most, of a part
  int tile_;      // columns
  DepthwiseRows<Input> rows_;
  Epilogue<Sum> epilogue_;
  Operand<typename Types::Weight> weights_;  // [taps][channels_]
};

bool suits_codes(const ConvSpec& spec) {
  return spec.input == DType::kCode && spec.weights->type == ConstantType::kBit &&
         spec.geometry.taps() <= kernels::kMaxDepthwiseCodeTaps;
}

}  // namespace

std::unique_ptr<const Step> make_depthwise_conv(const ConvSpec& spec,
                                                const kernels::Kernels& kernels) {
  if (spec.input == DType::kF32) return std::make_unique<DepthwiseConv<F32>>(spec, kernels);
  if (suits_codes(spec)) return std::make_unique<DepthwiseConv<Codes>>(spec, kernels);
  return std::make_unique<DepthwiseConv<U8>>(spec, kernels);
}

Bytes depthwise_packed_bound(const ConvSpec& spec) {
  const bool f32 = spec.input == DType::kF32;
  const Bytes element = f32 ? sizeof(float) : suits_codes(spec) ? 1 : sizeof(std::int16_t);
  return static_cast<Bytes>(spec.geometry.taps()) *
         static_cast<Bytes>(padded_channels(spec.geometry, f32)) * element;
}

}  // namespace edgebin
