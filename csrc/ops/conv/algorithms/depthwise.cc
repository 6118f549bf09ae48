// Convolutions with one input channel per group. A row of weights has one element per tap, too few
// to fill a word or a vector, so the vectors run over channels: tap by tap, weight x input is added
// to all channels of an output pixel. That is also the order in which f32 must be summed. Taps
// outside the image are left out.
#include <type_traits>

#include "ops/constants.h"
#include "ops/conv/algorithms/algorithms.h"
#include "ops/conv/epilogue/epilogue.h"
#include "ops/conv/im2col/im2col.h"

namespace edgebin {
namespace {

// T is the element type of the input, where codes are expanded to u8. Sum is i32, or float for f32.
template <class T, class Sum>
class DepthwiseConv final : public Step {
 public:
  DepthwiseConv(const ConvSpec& spec, const kernels::Kernels& kernels)
      : geometry_(spec.geometry),
        codes_(spec.input == DType::kCode),
        epilogue_(spec, kernels),
        weights_(make_operand<Sum>(std::uint64_t{1} * geometry_.taps() * geometry_.out.c)) {
    std::vector<Sum> row(static_cast<std::size_t>(geometry_.taps()));
    for (int n = 0; n < geometry_.out.c; ++n) {
      read_row(*spec.weights, n, std::span(row));
      for (int tap = 0; tap < geometry_.taps(); ++tap) {
        weights_[static_cast<std::size_t>(tap) * geometry_.out.c + n] = row[tap];
      }
    }
  }

  std::string_view kernel() const noexcept override { return "depthwise"; }

  Bytes scratch_bytes() const noexcept override {
    return sums_bytes() + align_up(static_cast<Bytes>(geometry_.in.c), kCacheLine);
  }

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    pool.parallel_for(geometry_.out.h, [&](int row, int worker) {
      const auto scratch = share_of(buffers.scratch, scratch_bytes(), worker);
      Sum* const sums = elements_of<Sum>(scratch);
      for (int column = 0; column < geometry_.out.w; ++column) {
        add_taps(buffers.inputs[0], row, column, sums, share_of(scratch, sums_bytes(), 1));
        const int pixel = row * geometry_.out.w + column;
        epilogue_.store({sums, geometry_.out.c, pixel, pixel, 1, 0, geometry_.out.c}, buffers);
      }
    });
  }

 private:
  Bytes sums_bytes() const {
    return align_up(Bytes{sizeof(Sum)} * geometry_.out.c + kernels::kSumSlack, kCacheLine);
  }

  void add_taps(std::span<const std::byte> input, int row, int column, Sum* sums,
                std::span<std::byte> bytes) const noexcept {
    const auto& [rows, columns] = geometry_.window;
    const Taps y = rows.inside(row, geometry_.in.h);
    const Taps x = columns.inside(column, geometry_.in.w);
    std::fill_n(sums, geometry_.out.c, Sum{0});
    for (int ky = y.begin; ky < y.end; ++ky) {
      for (int kx = x.begin; kx < x.end; ++kx) {
        const int from = (rows.start(row) + ky * rows.dilation) * geometry_.in.w +
                         columns.start(column) + kx * columns.dilation;
        add_tap(pixel_at(input, from, bytes), ky * columns.kernel + kx, sums);
      }
    }
  }

  const T* pixel_at(std::span<const std::byte> input, std::ptrdiff_t pixel,
                    std::span<std::byte> bytes) const noexcept {
    if constexpr (std::is_same_v<T, std::uint8_t>) {
      if (codes_) {
        const Word* const low = planes_of(elements_of<Word>(input), pixel, geometry_.in.c);
        T* const codes = elements_of<T>(bytes);
        expand_codes(low, low + plane_words(geometry_.in.c), 0, geometry_.in.c, codes);
        return codes;
      }
    }
    return elements_of<T>(input) + pixel * geometry_.in.c;
  }

  void add_tap(const T* x, int tap, Sum* sums) const noexcept {
    const Sum* weights = weights_.data() + static_cast<std::ptrdiff_t>(tap) * geometry_.out.c;
    const int per_channel = geometry_.group_out();
    if (per_channel == 1) {
      for (int c = 0; c < geometry_.in.c; ++c) sums[c] += weights[c] * static_cast<Sum>(x[c]);
      return;
    }
    for (int c = 0; c < geometry_.in.c; ++c, weights += per_channel, sums += per_channel) {
      const auto value = static_cast<Sum>(x[c]);
      for (int i = 0; i < per_channel; ++i) sums[i] += weights[i] * value;
    }
  }

  ConvGeometry geometry_;
  bool codes_;
  Epilogue<Sum> epilogue_;
  Operand<Sum> weights_;  // [taps][channels]
};

}  // namespace

std::unique_ptr<const Step> make_depthwise_conv(const ConvSpec& spec,
                                                const kernels::Kernels& kernels) {
  if (spec.input == DType::kF32) {
    return std::make_unique<DepthwiseConv<float, float>>(spec, kernels);
  }
  return std::make_unique<DepthwiseConv<std::uint8_t, std::int32_t>>(spec, kernels);
}

Bytes depthwise_packed_bound(const ConvGeometry& geometry) {
  static_assert(sizeof(float) == sizeof(std::int32_t));
  return static_cast<Bytes>(geometry.taps()) * static_cast<Bytes>(geometry.out.c) * sizeof(float);
}

}  // namespace edgebin
