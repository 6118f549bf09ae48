// Convolution by products of patches and weights: output pixels are taken in strips along the rows,
// the patches of a strip are gathered and multiplied by the kernel (StripProduct), and the sums are
// handed to the epilogue (StripConv). What is multiplied, and how, is the Product's business.
#ifndef EDGEBIN_OPS_CONV_ROW_TILES_H_
#define EDGEBIN_OPS_CONV_ROW_TILES_H_

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

#include "ops/conv/epilogue.h"
#include "ops/conv/geometry.h"
#include "ops/conv/im2col.h"
#include "ops/layout.h"

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
class StripProduct {
  using Patch = typename Product::Patch;

 public:
  using Acc = typename Product::Acc;

  explicit StripProduct(Product product)
      : product_(std::move(product)),
        strip_(strip_of(product_, static_cast<int>(geometry().out.pixels()))) {}

  const ConvGeometry& geometry() const { return product_.geometry(); }
  int tile() const { return product_.tile(); }
  int most_pixels() const { return strip_; }  // at once

  // Elements from one pixel's sums of `channels` channels to the next one's.
  int step(int channels) const {
    return geometry().groups > 1 ? channels : align_up(channels, product_.tile());
  }

  // Bytes of the sums of some pixels and all channels, a multiple of 64.
  Bytes sums_bytes(int pixels) const { return bytes_of(pixels, step(geometry().out.c)); }

  Bytes scratch_bytes() const {
    return patches_bytes() + (geometry().groups > 1 ? bytes_of(strip_, padded_group()) : 0);
  }

  // Pixels and channels of the output; all channels where there are groups.
  struct Part {
    int pixel;
    int pixels;
    int first;
    int channels;
  };

  // Sums [pixels][step(channels)].
  void run(std::span<const std::byte> input, const Part& part, Acc* sums,
           std::span<std::byte> scratch) const noexcept {
    Patch* const patches = elements_of<Patch>(scratch);
    if (geometry().groups > 1) {
      Acc* const of_group = elements_of<Acc>(share_of(scratch, patches_bytes(), 1));
      for (int group = 0; group < geometry().groups; ++group) {
        product_.gather(input, part.pixel, part.pixels, group, patches);
        product_.multiply(patches, group, 0, of_group, part.pixels, padded_group());
        place_group(of_group, part.pixels, group, sums);
      }
      return;
    }
    if (!product_.in_place()) product_.gather(input, part.pixel, part.pixels, 0, patches);
    const Patch* const gathered =
        product_.in_place() ? product_.patches_at(input, part.pixel) : patches;
    product_.multiply(gathered, 0, part.first, sums, part.pixels, step(part.channels));
  }

 private:
  static constexpr std::size_t kStripBytes = 16384;  // of patches: half of a first-level cache
  static constexpr int kMostPixels = 36;
  static constexpr int kPixelStep = 12;  // kernels take four or six pixels at a time

  static int strip_of(const Product& product, int pixels) {
    const std::size_t fit = kStripBytes / (product.patch_size() * sizeof(Patch));
    const int strip = static_cast<int>(std::min<std::size_t>(fit, kMostPixels));
    return std::min(std::max(strip / kPixelStep * kPixelStep, kPixelStep), pixels);
  }

  int padded_group() const { return align_up(geometry().group_out(), product_.tile()); }

  Bytes patches_bytes() const {
    if (product_.in_place()) return 0;
    const Bytes patches = Bytes{sizeof(Patch)} * strip_ * product_.patch_size();
    return align_up(patches + kGatherSlack, kCacheLine);
  }

  static Bytes bytes_of(int pixels, int step) {
    const Bytes sums = Bytes{sizeof(Acc)} * pixels * step;
    return align_up(sums + kernels::kSumSlack, kCacheLine);
  }

  // Moves a group's sums [pixels][padded group] to their channels in [pixels][all channels].
  void place_group(const Acc* of_group, int pixels, int group, Acc* sums) const noexcept {
    const int channels = geometry().group_out();
    for (int i = 0; i < pixels; ++i) {
      std::copy_n(of_group + std::ptrdiff_t{i} * padded_group(), channels,
                  sums + std::ptrdiff_t{i} * geometry().out.c + group * channels);
    }
  }

  Product product_;
  int strip_;
};

template <class Product>
class StripConv final : public Step {
  using Strips = StripProduct<Product>;
  using Acc = typename Strips::Acc;

 public:
  StripConv(Product product, const ConvSpec& spec, const kernels::Kernels& kernels)
      : strips_(std::move(product)),
        epilogue_(spec, kernels),
        pixels_(static_cast<int>(strips_.geometry().out.pixels())),
        block_unit_(std::lcm(kernels::kWordBits, strips_.tile())) {}

  std::string_view kernel() const noexcept override { return Product::kName; }

  Bytes scratch_bytes() const noexcept override { return sums_bytes() + strips_.scratch_bytes(); }

  void run(const Buffers& buffers, ThreadPool& pool) const noexcept override {
    const int strip = strips_.most_pixels();
    const int strips = ceil_div(pixels_, strip);
    const int channels = strips_.geometry().out.c;
    const int block = channels_of_block(strips, pool.threads());
    const int blocks = ceil_div(channels, block);
    pool.parallel_for(strips * blocks, [&](int index, int worker) {
      const int pixel = index / blocks * strip;
      const int first = index % blocks * block;
      run_part(buffers,
               {pixel, std::min(strip, pixels_ - pixel), first, std::min(block, channels - first)},
               share_of(buffers.scratch, scratch_bytes(), worker));
    });
  }

 private:
  static constexpr int kPartsPerThread = 4;  // enough for an even share

  Bytes sums_bytes() const { return strips_.sums_bytes(strips_.most_pixels()); }

  // Few strips leave threads idle; then the channels are shared out too, at the price of gathering
  // a strip once per block.
  int channels_of_block(int strips, int threads) const {
    const int channels = strips_.geometry().out.c;
    if (threads == 1 || strips_.geometry().groups > 1) return channels;
    const int wanted = ceil_div(kPartsPerThread * threads, strips);
    return std::min(channels, align_up(ceil_div(channels, wanted), block_unit_));
  }

  void run_part(const Buffers& buffers, const typename Strips::Part& part,
                std::span<std::byte> scratch) const noexcept {
    Acc* const sums = elements_of<Acc>(scratch);
    strips_.run(buffers.inputs[0], part, sums, share_of(scratch, sums_bytes(), 1));
    epilogue_.store({.sums = sums,
                     .step = strips_.step(part.channels),
                     .pixel = part.pixel,
                     .to = part.pixel,
                     .pixels = part.pixels,
                     .first = part.first,
                     .channels = part.channels},
                    buffers);
  }

  Strips strips_;
  Epilogue<Acc> epilogue_;
  int pixels_;
  int block_unit_;  // channels of a block are a multiple: whole tiles, and whole words of codes
};

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_ROW_TILES_H_
