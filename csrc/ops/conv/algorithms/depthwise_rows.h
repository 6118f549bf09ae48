// The input of a depthwise convolution as the kernels read it: rows of pixels with one element for
// each output channel, of a block of output channels.
//
// An f32 input whose channels are those of the output is read in place. Any other row is copied
// once for all the windows that read it, into a ring which holds the rows under a window: codes
// become bytes, and where several output channels read one input channel it is repeated.
#ifndef EDGEBIN_OPS_CONV_ALGORITHMS_DEPTHWISE_ROWS_H_
#define EDGEBIN_OPS_CONV_ALGORITHMS_DEPTHWISE_ROWS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "ops/conv/geometry.h"
#include "ops/layout.h"

namespace edgebin {

// T is float, or u8 of an input of codes or u8.
template <class T>
class DepthwiseRows {
 public:
  // `max_channels`, of a block, is a multiple of the unit of `kernels`.
  DepthwiseRows(const ConvSpec& spec, const kernels::Kernels& kernels, int max_channels)
      : geometry_(spec.geometry),
        codes_(spec.input == DType::kCode),
        expand_(kernels.expand),
        max_channels_(max_channels),
        slots_(in_place(spec) ? 0 : ring_rows(geometry_)) {}

  static bool in_place(const ConvSpec& spec) {
    return spec.input == DType::kF32 && spec.geometry.group_out() == 1;
  }

  // Rows of the image that a window spans.
  static int ring_rows(const ConvGeometry& geometry) {
    return std::min(geometry.window.rows.extent(), geometry.in.h);
  }

  // Elements from a pixel to the next.
  std::ptrdiff_t step() const { return slots_ == 0 ? geometry_.in.c : max_channels_; }

  Bytes scratch_bytes() const {
    return slots_ == 0 ? 0 : tags_bytes() + pixel_bytes() + slots_ * row_bytes();
  }

  // Forgets all copies: another block of channels or another image follows.
  void clear(std::span<std::byte> scratch) const noexcept {
    std::fill_n(elements_of<int>(scratch), slots_, -1);
  }

  // The channels `first`..`first + channels` of the first pixel of row y. The rows of a window may
  // be used at a time.
  const T* row(std::span<const std::byte> input, int y, int first, int channels,
               std::span<std::byte> scratch) const noexcept {
    const std::ptrdiff_t pixel = std::ptrdiff_t{y} * geometry_.in.w;
    if (slots_ == 0) return elements_of<T>(input) + pixel * geometry_.in.c + first;
    const int slot = y % slots_;
    const auto pixel_copy = share_of(scratch, tags_bytes(), 1);
    T* const to =
        elements_of<T>(share_of(share_of(pixel_copy, pixel_bytes(), 1), row_bytes(), slot));
    int& tag = elements_of<int>(scratch)[slot];
    if (tag != y) {
      copy_row(input, pixel, {first, channels}, elements_of<T>(pixel_copy), to);
      tag = y;
    }
    return to;
  }

 private:
  struct Block {
    int first;
    int channels;
  };

  Bytes tags_bytes() const { return align_up(Bytes{sizeof(int)} * slots_, kCacheLine); }

  // Of a pixel's codes, before they are repeated: whole words with those of a block.
  Bytes pixel_bytes() const {
    const bool needed = codes_ && geometry_.group_out() > 1;
    return needed ? align_up(Bytes{1} * max_channels_ + Bytes{2} * kernels::kWordBits, kCacheLine)
                  : 0;
  }

  Bytes row_bytes() const {
    return align_up(Bytes{sizeof(T)} * geometry_.in.w * max_channels_, kCacheLine);
  }

  void copy_row(std::span<const std::byte> input, std::ptrdiff_t pixel, const Block& block,
                T* pixel_copy, T* to) const noexcept {
    if constexpr (std::is_same_v<T, std::uint8_t>) {
      if (codes_ && geometry_.group_out() == 1) {
        expand(input, pixel, geometry_.in.w, block, to);
        return;
      }
    }
    for (int x = 0; x < geometry_.in.w; ++x, ++pixel, to += max_channels_) {
      repeat(channels_of(input, pixel, block, pixel_copy), block, to);
    }
  }

  // The input channels of a pixel, from that of the block's first channel on.
  const T* channels_of(std::span<const std::byte> input, std::ptrdiff_t pixel, const Block& block,
                       T* pixel_copy) const noexcept {
    const int first = block.first / geometry_.group_out();
    if constexpr (std::is_same_v<T, std::uint8_t>) {
      if (codes_) {
        const int word = first / kernels::kWordBits * kernels::kWordBits;
        const int last = (block.first + block.channels - 1) / geometry_.group_out();
        expand(input, pixel, 1, {word, last + 1 - word}, pixel_copy);
        return pixel_copy + (first - word);
      }
    }
    return elements_of<T>(input) + pixel * geometry_.in.c + first;
  }

  void expand(std::span<const std::byte> input, std::ptrdiff_t pixel, int pixels,
              const Block& block, std::uint8_t* to) const noexcept {
    const int plane = plane_words(geometry_.in.c);
    expand_({.words = planes_of(elements_of<Word>(input), pixel, geometry_.in.c) +
                      block.first / kernels::kWordBits,
             .step = std::ptrdiff_t{2} * plane,
             .plane = plane,
             .pixels = pixels,
             .channels = align_up(block.channels, kernels::kDepthwiseUnit),
             .bytes = to,
             .byte_step = max_channels_});
  }

  void repeat(const T* from, const Block& block, T* to) const noexcept {
    const int times = geometry_.group_out();
    if (times == 1) {
      std::copy_n(from, block.channels, to);
      return;
    }
    int left = times - block.first % times;  // of the current input channel
    for (int c = 0; c < block.channels; ++c) {
      to[c] = *from;
      if (--left > 0) continue;
      ++from;
      left = times;
    }
  }

  ConvGeometry geometry_;
  bool codes_;
  kernels::ExpandFn expand_;
  int max_channels_;
  int slots_;  // rows of the ring; 0 where rows are read in place
};

}  // namespace edgebin

#endif  // EDGEBIN_OPS_CONV_ALGORITHMS_DEPTHWISE_ROWS_H_
