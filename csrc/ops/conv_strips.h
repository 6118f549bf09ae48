// Convolution by products of patches and weights: output pixels are taken in strips along the rows,
// the patches of a strip are gathered, multiplied by the kernel and handed to the epilogue. What is
// multiplied, and how, is the Product's business.
#ifndef EDGEBIN_OPS_CONV_STRIPS_H_
#define EDGEBIN_OPS_CONV_STRIPS_H_

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

#include "ops/conv_spec.h"
#include "ops/epilogue.h"
#include "ops/layout.h"
#include "ops/patches.h"

namespace edgebin {

// Product: has
//   kName                       of the kernel
//   Patch, Acc                  element types of patches and sums
//   geometry()
//   tile()                      channels of a group are padded to a multiple of it
//   patch_size()                elements of a patch
//   gather(input, pixel, pixels, group, patches)
//                               may write kGatherSlack bytes behind them
//   in_place()                  whether patches lie in the input just as gather would leave them,
//   patches_at(input, pixel)    and there, those of `pixel` and the ones after it
//   multiply(patches, group, first, acc, pixels, channels)
//                               sums of channels first..first + channels of a group; both are
//                               multiples of the tile
template <class Product>
class StripConv final : public Step {
  using Patch = typename Product::Patch;
  using Acc = typename Product::Acc;

 public:
  StripConv(Product product, const ConvSpec& spec, const kernels::Kernels& kernels)
      : product_(std::move(product)),
        epilogue_(spec, kernels),
        pixels_(static_cast<int>(product_.geometry().out.pixels())),
        strip_(strip_of(product_, pixels_)),
        block_unit_(std::lcm(kernels::kWordBits, product_.tile())) {}

  std::string_view kernel() const noexcept override { return Product::kName; }

  std::size_t scratch_bytes() const noexcept override {
    return patches_bytes() + sums_bytes(padded_group()) +
           (product_.geometry().groups > 1 ? sums_bytes(product_.geometry().out.c) : 0);
  }

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const int strips = ceil_div(pixels_, strip_);
    const int channels = product_.geometry().out.c;
    const int block = channels_of_block(strips, pool.threads());
    const int blocks = ceil_div(channels, block);
    pool.parallel_for(strips * blocks, [&](int index, int worker) {
      const int pixel = index / blocks * strip_;
      const int first = index % blocks * block;
      const Part part = {pixel, pixel, std::min(strip_, pixels_ - pixel), first,
                         std::min(block, channels - first)};
      run_part(buffers, part, buffers.scratch.subspan(worker * scratch_bytes()));
    });
  }

  // Output pixels pixel..pixel + pixels; their results go where those of `to` and after would.
  void run_pixels(const Buffers& buffers, int pixel, int pixels, int to,
                  std::span<std::byte> scratch) const noexcept {
    for (int i = 0; i < pixels; i += strip_) {
      const int count = std::min(strip_, pixels - i);
      run_part(buffers, {pixel + i, to + i, count, 0, product_.geometry().out.c}, scratch);
    }
  }

 private:
  // Pixels and channels of the output; all channels where there are groups.
  struct Part {
    int pixel;
    int to;
    int pixels;
    int first;
    int channels;
  };

  static constexpr std::size_t kStripBytes = 16384;  // of patches: half of a first-level cache
  static constexpr int kMostPixels = 36;
  static constexpr int kPixelStep = 12;      // kernels take four or six pixels at a time
  static constexpr int kPartsPerThread = 4;  // enough for an even share

  static int strip_of(const Product& product, int pixels) {
    const std::size_t fit = kStripBytes / (product.patch_size() * sizeof(Patch));
    const int strip = static_cast<int>(std::min<std::size_t>(fit, kMostPixels));
    return std::min(std::max(strip / kPixelStep * kPixelStep, kPixelStep), pixels);
  }

  int padded_group() const { return align_up(product_.geometry().group_out(), product_.tile()); }

  std::size_t patches_bytes() const {
    if (product_.in_place()) return 0;
    const std::size_t patches = strip_ * product_.patch_size() * sizeof(Patch);
    return align_up(patches + kGatherSlack, kCacheLine);
  }

  std::size_t sums_bytes(int channels) const {
    const std::size_t sums = static_cast<std::size_t>(strip_) * channels * sizeof(Acc);
    return align_up(sums + kernels::kSumSlack, kCacheLine);
  }

  // Few strips leave threads idle; then the channels are shared out too, at the price of gathering
  // a strip once per block.
  int channels_of_block(int strips, int threads) const {
    const int channels = product_.geometry().out.c;
    if (threads == 1 || product_.geometry().groups > 1) return channels;
    const int wanted = ceil_div(kPartsPerThread * threads, strips);
    return std::min(channels, align_up(ceil_div(channels, wanted), block_unit_));
  }

  void run_part(const Buffers& buffers, const Part& part,
                std::span<std::byte> scratch) const noexcept {
    const auto input = buffers.inputs[0];
    Patch* const patches = elements_of<Patch>(scratch);
    Acc* const sums = elements_of<Acc>(scratch.subspan(patches_bytes()));
    if (product_.geometry().groups > 1) {
      Acc* const all =
          elements_of<Acc>(scratch.subspan(patches_bytes() + sums_bytes(padded_group())));
      for (int group = 0; group < product_.geometry().groups; ++group) {
        product_.gather(input, part.pixel, part.pixels, group, patches);
        product_.multiply(patches, group, 0, sums, part.pixels, padded_group());
        place_group(sums, part.pixels, group, all);
      }
      store(all, part.channels, part, buffers);
      return;
    }
    if (!product_.in_place()) product_.gather(input, part.pixel, part.pixels, 0, patches);
    const Patch* const gathered =
        product_.in_place() ? product_.patches_at(input, part.pixel) : patches;
    const int padded = align_up(part.channels, product_.tile());
    product_.multiply(gathered, 0, part.first, sums, part.pixels, padded);
    store(sums, padded, part, buffers);
  }

  // Moves a group's sums [pixels][padded group] to their channels in [pixels][all channels].
  void place_group(const Acc* sums, int pixels, int group, Acc* all) const noexcept {
    const int channels = product_.geometry().group_out();
    for (int i = 0; i < pixels; ++i) {
      std::copy_n(sums + std::ptrdiff_t{i} * padded_group(), channels,
                  all + std::ptrdiff_t{i} * product_.geometry().out.c + group * channels);
    }
  }

  void store(const Acc* sums, int step, const Part& part, const Buffers& buffers) const noexcept {
    epilogue_.store({sums, step, part.pixel, part.to, part.pixels, part.first, part.channels},
                    buffers);
  }

  Product product_;
  Epilogue<Acc> epilogue_;
  int pixels_;
  int strip_;
  int block_unit_;  // channels of a block are a multiple: whole tiles, and whole words of codes
};

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_STRIPS_H_
